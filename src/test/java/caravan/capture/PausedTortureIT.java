package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import caravan.capture.node.FreezeNode;
import caravan.capture.node.StopNode;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.samplenode.SampleDatabaseCheck;
import caravan.samplenode.SampleDatabaseCheck.OpenMode;
import caravan.samplenode.ScriptedNode;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures by every mode that holds the node still, from a node in a process of its own that works its database hundreds
 * of times harder than a real one. Each copy is opened as a node opens it and compared entry by entry.
 */
class PausedTortureIT {

    private static final Logger LOG = LoggerFactory.getLogger(PausedTortureIT.class);

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int CAPTURES = LONG ? 2_000 : 50;

    private static final Duration LONGEST = Duration.ofMinutes(2);

    @TempDir
    Path base;

    @Test
    void everyFrozenMomentIsWhole() throws Exception {
        try (RunningSampleNode node = startNode()) {
            torture(
                    "freeze",
                    new FreezeCapture(new FreezeNode(LONGEST, log())),
                    node.databaseRoot(),
                    node::acknowledgedHead);
        }
    }

    @Test
    void everyMomentFrozenByACgroupIsWhole() throws Exception {
        Path unified = Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))
                ? Path.of("/sys/fs/cgroup/unified")
                : Path.of("/sys/fs/cgroup");
        assumeThat(Files.exists(unified.resolve("cgroup.controllers")) && Files.isWritable(unified))
                .as("needs cgroups of version 2 that this user may make groups in")
                .isTrue();
        Path group = Files.createDirectory(
                unified.resolve("caravan-torture-" + ProcessHandle.current().pid()));
        try (RunningSampleNode node = startNode()) {
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(node.pid()));
            torture(
                    "freeze",
                    new FreezeCapture(new FreezeNode(group, LONGEST, log())),
                    node.databaseRoot(),
                    node::acknowledgedHead);
        } finally {
            await().atMost(LONGEST).ignoreExceptions().until(() -> Files.deleteIfExists(group));
        }
    }

    @Test
    void everyFullCopyOfAFrozenNodeIsWhole() throws Exception {
        try (RunningSampleNode node = startNode()) {
            torture(
                    "copy",
                    new CopyCapture(new FreezeNode(LONGEST, log())),
                    node.databaseRoot(),
                    node::acknowledgedHead);
        }
    }

    @Test
    void everyCaptureBetweenStopAndStartIsWholeAndTheNodeGoesOn() throws Exception {
        try (ScriptedNode node = ScriptedNode.start(base.resolve("node"), Profile.TORTURE)) {
            StopNode stop =
                    new StopNode(node.stopCommand(), node.startCommand(), LONGEST, Duration.ofMinutes(1), log());
            torture("stop", new StopCapture(stop), node.databaseRoot(), node::acknowledgedHead);
        }
    }

    private RunningSampleNode startNode() throws Exception {
        RunningSampleNode node = RunningSampleNode.start(base.resolve("node"), Profile.TORTURE);
        await().atMost(LONGEST).until(() -> node.acknowledgedHead() > 1_000);
        return node;
    }

    private Path log() {
        return base.resolve("state/watchdog.log");
    }

    private void torture(String mode, CaptureMode capture, Path root, Callable<Long> acknowledgedHead)
            throws Exception {
        CaptureRequest request = CaptureRequest.of(new DatabaseName("torture"), root);
        List<Long> pauses = new ArrayList<>();
        try (SampleDatabaseCheck judge = new SampleDatabaseCheck(OpenMode.READ_WRITE)) {
            for (int i = 0; i < CAPTURES; i++) {
                long acknowledged = acknowledgedHead.call();
                try (CapturedDatabase captured = capture.capture(request)) {
                    assertThat(captured.stores()).hasSize(2).allSatisfy(store -> assertThat(
                                    store.store().captureMode())
                            .isEqualTo(mode));
                    assertThat(captured.pauseMillis()).isPositive();
                    pauses.add(captured.pauseMillis());
                    for (CapturedStore store : captured.stores()) {
                        long head = judge.check(copyOf(store, captured)).head();
                        if (store.store().path().equals("db/full")) {
                            assertThat(head).isGreaterThanOrEqualTo(acknowledged);
                        }
                    }
                }
                long after = acknowledgedHead.call();
                await("the node goes on").atMost(LONGEST).until(() -> acknowledgedHead.call() > after);
                assertNothingChanged(root);
                if ((i + 1) % 500 == 0) {
                    LOG.info("{} captures by {} so far", i + 1, mode);
                }
            }
        }
        pauses.sort(null);
        LOG.info(
                "{} captures by {}: pause p50 {} ms, p95 {} ms, longest {} ms",
                CAPTURES,
                mode,
                pauses.get(CAPTURES / 2),
                pauses.get(CAPTURES * 95 / 100),
                pauses.get(CAPTURES - 1));
    }

    /** No link of ours is left, and every file still has the mode and owner that the node gave it. */
    private static void assertNothingChanged(Path root) throws IOException {
        Map<Long, String> facts = SourceFacts.of(root.resolve("db"));
        assertThat(facts).isNotEmpty();
        assertThat(facts.values()).allMatch(fact -> fact.contains("nlink=1,"));
        assertThat(facts.values().stream().distinct().toList()).hasSize(1);
    }

    private static Path copyOf(CapturedStore store, CapturedDatabase captured) {
        return captured.files().stream()
                .filter(file -> file.path().value().equals(store.store().seal()))
                .map(file -> file.staged().getParent())
                .findFirst()
                .orElseThrow();
    }
}
