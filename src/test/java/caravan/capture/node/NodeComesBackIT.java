package caravan.capture.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.samplenode.ScriptedNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills Caravan with SIGKILL at every step of a pause, with its whole process group, and at random moments: the node
 * always goes on, and long before the longest pause is over.
 */
class NodeComesBackIT {

    private static final Logger LOG = LoggerFactory.getLogger(NodeComesBackIT.class);

    private static final List<String> STEPS = List.of("armed", "ordered", "still", "taken", "released");

    private static final List<String> FROZEN = List.of("ordered", "still", "taken");

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int RANDOM_KILLS = LONG ? 100 : 10;

    /** So long that a node that comes back in time was not waiting for it. */
    private static final Duration LONGEST = Duration.ofMinutes(30);

    /** Invariant: a node is running again within this time after any death of its publisher. */
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir
    Path base;

    private final List<Process> captures = new ArrayList<>();

    /** One that stands still ends by nothing else. */
    @AfterEach
    void killCaptures() throws InterruptedException {
        for (Process capture : captures) {
            capture.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFrozenNodeGoesOnWhereverItsPublisherIsKilled() throws Exception {
        try (RunningSampleNode node = startNode()) {
            for (String step : STEPS) {
                Process capture = capture(node.databaseRoot(), step, LONGEST);
                awaitStep(capture, step);
                if (step.equals("ordered")) {
                    // Threads come to a halt one by one after the order.
                    await().atMost(BOUND).until(() -> NodeProcess.of(node.pid()).isStill());
                }
                assertThat(NodeProcess.of(node.pid()).isStill()).as(step).isEqualTo(FROZEN.contains(step));

                assertGoesOnAfterKill(capture, node::acknowledgedHead, "freeze, " + step);
            }
        }
    }

    @Test
    void aFrozenNodeGoesOnWheneverItsPublisherIsKilled() throws Exception {
        Random random = new Random(1);
        try (RunningSampleNode node = startNode()) {
            for (int i = 0; i < RANDOM_KILLS; i++) {
                Process capture = capture(node.databaseRoot(), "none", LONGEST);
                capture.waitFor(500 + random.nextInt(1500), TimeUnit.MILLISECONDS);

                assertGoesOnAfterKill(capture, node::acknowledgedHead, "freeze, random " + i);
            }
        }
    }

    @Test
    void aFrozenNodeGoesOnWhenItsPublisherHangs() throws Exception {
        try (RunningSampleNode node = startNode()) {
            Process capture = capture(node.databaseRoot(), "still", Duration.ofSeconds(2));
            awaitStep(capture, "still");
            long head = node.acknowledgedHead();

            await().atMost(BOUND).until(() -> node.acknowledgedHead() > head);
        }
    }

    /** It can neither give the locks back nor be killed by anything that it does. */
    @Test
    void aStoppedNodeOpensItsDatabaseAfterTheLongestPauseWhenItsPublisherHangs() throws Exception {
        try (ScriptedNode node = ScriptedNode.start(base.resolve("node"), Profile.DEMO)) {
            Process capture = capture(
                    node.databaseRoot(), "still", Duration.ofSeconds(4), node.stopCommand(), node.startCommand());
            awaitStep(capture, "still");
            new ProcessBuilder("kill", "-STOP", "--", "-" + capture.pid())
                    .start()
                    .waitFor();
            long head = node.acknowledgedHead();

            await().atMost(BOUND).until(() -> node.acknowledgedHead() > head);
        }
    }

    @Test
    void aStoppedNodeIsStartedWhereverItsPublisherIsKilled() throws Exception {
        try (ScriptedNode node = ScriptedNode.start(base.resolve("node"), Profile.DEMO)) {
            for (String step : STEPS) {
                Process capture = capture(node.databaseRoot(), step, LONGEST, node.stopCommand(), node.startCommand());
                awaitStep(capture, step);

                assertGoesOnAfterKill(capture, node::acknowledgedHead, "stop, " + step);
            }
        }
    }

    @Test
    void aNodeThatIsJustBeingStoppedIsStartedWhenItsPublisherIsKilled() throws Exception {
        Path begun = base.resolve("begun");
        Path done = base.resolve("done");
        try (ScriptedNode node = ScriptedNode.start(base.resolve("node"), Profile.DEMO)) {
            String stop = "touch '" + begun + "' && sleep 1 && " + node.stopCommand() + " && touch '" + done + "'";
            Process capture = capture(node.databaseRoot(), "none", LONGEST, stop, node.startCommand());
            await().atMost(BOUND).until(() -> Files.exists(begun));
            assertThat(done).doesNotExist();

            new ProcessBuilder("kill", "-KILL", "--", "-" + capture.pid())
                    .start()
                    .waitFor();

            await().atMost(BOUND).until(() -> Files.exists(done));
            long down = node.acknowledgedHead();
            await().atMost(BOUND).until(() -> node.acknowledgedHead() > down);
        }
    }

    private RunningSampleNode startNode() throws Exception {
        RunningSampleNode node = RunningSampleNode.start(base.resolve("node"), Profile.TORTURE);
        await().atMost(BOUND).until(() -> node.acknowledgedHead() > 500);
        return node;
    }

    private void assertGoesOnAfterKill(Process capture, Callable<Long> head, String what) throws Exception {
        // With everything that is in its process group.
        new ProcessBuilder("kill", "-KILL", "--", "-" + capture.pid()).start().waitFor();
        long killedAt = System.nanoTime();
        capture.waitFor();
        long before = head.call();
        await(what).atMost(BOUND).until(() -> head.call() > before);
        LOG.info("{}: the node went on {} ms after the kill", what, (System.nanoTime() - killedAt) / 1_000_000);
    }

    private Process capture(Path root, String step, Duration longest, String... commands) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledCapture.class.getName(),
                root.toString(),
                step,
                base.resolve("state/watchdog.log").toString(),
                Long.toString(longest.toMillis())));
        command.addAll(List.of(commands));
        Path log = base.resolve("capture.log");
        Files.deleteIfExists(log);
        Process capture =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        captures.add(capture);
        return capture;
    }

    private void awaitStep(Process capture, String step) throws Exception {
        BufferedReader out = new BufferedReader(new InputStreamReader(capture.getInputStream(), UTF_8));
        String line = out.readLine();
        while (line != null && !line.equals("at " + step)) {
            line = out.readLine();
        }
        assertThat(line).as(Files.readString(base.resolve("capture.log"))).isEqualTo("at " + step);
    }
}
