package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.signature.SigningKey;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
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

    @TempDir
    Path directory;

    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree[] versions = {Trees.version(1, 10, CHUNK), Trees.version(2, 10, CHUNK)};
    private FaultServer server;
    private PowerCutDisk disk;
    private int wanted;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchPowerCutTest: -Dcaravan.test.seed=" + seed + ", " + CUTS + " cuts");
        Bucket bucket = new Bucket(directory.resolve("bucket"), key, Instant.now());
        for (int version = 0; version < 2; version++) {
            bucket.publish(
                    versions[version],
                    snapshot(version + 1),
                    version == 1,
                    store("db/full", Engine.ROCKSDB, CHUNK),
                    store("db/full/parachains/db", Engine.ROCKSDB, CHUNK));
        }
        server = new FaultServer(bucket.root());
        Files.writeString(directory.resolve("key.pub"), key.publicKey().toOpenSsh() + "\n");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        if (disk != null) {
            disk.unmount();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs"})
    void everyCutLeavesTheTargetSafeAndEveryRestoreEndsExact(String fileSystem) throws Exception {
        disk = PowerCutDisk.make(directory, fileSystem);
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
        while (server.bytesSent("chunks/") == 0 && process.isAlive()) {
            Thread.sleep(10);
        }
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
        ClientSettings settings = new Client(state(), key).settings();
        return new Verification(settings, Clock.systemUTC(), new Progress()).directory(target);
    }

    private Process run(Path target) throws IOException {
        return JavaProcess.of(
                        ClientMain.class,
                        "fetch",
                        server.base() + "/demo/" + snapshot(wanted + 1),
                        target.toString(),
                        "--key",
                        directory.resolve("key.pub").toString(),
                        "--state",
                        state().toString(),
                        "--parallel",
                        "4",
                        "--limit-rate",
                        RATE)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private Path state() {
        return disk.root().resolve("state");
    }

    private String log() throws IOException {
        return Files.readString(directory.resolve("log"));
    }
}
