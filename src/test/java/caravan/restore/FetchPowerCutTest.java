package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cuts the power of the disk that a real restore writes to, at random moments, in the midst of two snapshots that follow
 * each other, with the client's own memory on the same disk. After each cut the target is not there, or kept from every
 * engine, or whole; in the end it is exact, also if the power fails right after the restore said so.
 */
class FetchPowerCutTest {

    private static final int CHUNK = 64 << 10;
    private static final String RATE = "3M";

    /** A little more than a whole restore takes: what is recorded as durable comes after the first second. */
    private static final int LONGEST_LIFE_MILLIS = 2800;

    /** Of each file system. */
    private static final int CUTS = "long".equals(System.getProperty("caravan.test.form")) ? 500 : 2;

    private static final int CUTS_IN_A_ROW = 4;
    private static final Duration BEGINS_WITHIN = Duration.ofMinutes(1);

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.twoStores(CHUNK));

    private final FaultServer server = demo.server();
    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Bucket.Tree[] versions = {Trees.version(1, 10, CHUNK), Trees.version(2, 10, CHUNK)};
    private PowerCutDisk disk;
    private int wanted;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchPowerCutTest: -Dcaravan.test.seed=" + seed + ", " + CUTS + " cuts");
        demo.publish(versions[0], 1);
        demo.publish(versions[1], 2, true);
    }

    @AfterEach
    void stop() throws Exception {
        if (disk != null) {
            disk.unmount();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs"})
    void everyCutLeavesTheTargetSafeAndEveryRestoreEndsExact(String fileSystem) throws Exception {
        disk = PowerCutDisk.make(demo.directory(), fileSystem);
        int cuts = 0;
        for (int round = 0; cuts < CUTS; round++) {
            Path target = disk.root().resolve("data-" + round / 3); // new, and twice over what is there
            for (int inARow = random.nextInt(CUTS_IN_A_ROW) + 1; inARow > 0 && cuts < CUTS; inARow--) {
                wanted = random.nextInt(2);
                runAndCut(target);
                cuts++;
                assertSafe(target);
            }
            Process last = run(target);
            assertThat(last.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(last.exitValue()).as(log()).isZero();
            disk.cut(last);
            try {
                Trees.assertExact(target, versions[wanted]);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "wanted " + snapshot(wanted + 1) + ", restored: " + log() + Trees.names(disk.root()), e);
            }
            assertThat(verify(target).faultCount()).isZero();
        }
    }

    private void runAndCut(Path target) throws Exception {
        server.forgetRequests();
        Process process = run(target);
        await().atMost(BEGINS_WITHIN)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> server.bytesSent("chunks/") > 0 || !process.isAlive());
        boolean ended = process.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS);
        assertThat(ended && process.exitValue() != 0).as(log()).isFalse();
        if (random.nextBoolean()) {
            PowerCutDisk.writeBackData(disk.root());
        }
        disk.cut(process);
    }

    private void assertSafe(Path target) throws IOException {
        if (Files.exists(target)) {
            Trees.assertSafeAfterKill(target, Optional.of(versions[0]), versions[1]);
        }
    }

    private VerifyOutcome verify(Path target) throws Exception {
        ClientSettings settings = new Client(state(), demo.key()).settings();
        return new Verification(settings, Clock.systemUTC(), new Progress()).directory(target);
    }

    private Process run(Path target) throws IOException {
        return demo.fetching(demo.url(wanted + 1), target, state(), "--parallel", "4", "--limit-rate", RATE)
                .redirectErrorStream(true)
                .redirectOutput(demo.directory().resolve("log").toFile())
                .start();
    }

    private Path state() {
        return disk.root().resolve("state");
    }

    private String log() throws IOException {
        return Files.readString(demo.directory().resolve("log"));
    }
}
