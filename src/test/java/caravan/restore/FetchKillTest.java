package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.signature.SigningKey;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills real restores (SIGKILL) at random moments and runs them again. After each kill the target is untouched, or kept
 * from every engine, or exact; in the end it is exact, and no more was fetched than the kills explain.
 */
class FetchKillTest {

    private static final int CHUNK = 64 << 10;
    private static final int PARALLEL = 4;
    private static final String RATE = "12M";

    /** What compression adds to bytes that cannot be compressed, for all chunks. */
    private static final int FRAMES = 10_000;

    private static final int LONGEST_LIFE_MILLIS = 1800;
    private static final int KILLS = "long".equals(System.getProperty("caravan.test.form")) ? 1000 : 50;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree old = Trees.version(1, 15, CHUNK);
    private final Bucket.Tree latest = Trees.version(2, 15, CHUNK);
    private Bucket bucket;
    private FaultServer server;
    private Path state;
    private int round;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchKillTest: -Dcaravan.test.seed=" + seed + ", " + KILLS + " kills");
        bucket = new Bucket(directory.resolve("bucket"), key, Instant.now());
        publish(old, 1);
        bucket.point(publish(latest, 2), 2);
        server = new FaultServer(bucket.root());
        state = directory.resolve("state");
        Files.writeString(directory.resolve("key.pub"), key.publicKey().toOpenSsh() + "\n");
        Files.createDirectory(directory.resolve("disk"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everyKillLeavesTheTargetSafeAndEveryRestoreEndsExact() throws Exception {
        int kills = 0;
        while (kills < KILLS) {
            boolean inPlace = round % 2 == 1;
            Path target = directory.resolve("disk/" + round++);
            if (inPlace) {
                new Client(state, key, PARALLEL)
                        .fetch(
                                url() + "/" + snapshot(1),
                                target,
                                Expectations.NONE,
                                new Client(state, key, PARALLEL).settings(),
                                Instant.now());
            }
            server.forgetRequests();
            int killsOfThisTarget = 0;
            while (kills < KILLS && runAndKill(target)) {
                kills++;
                killsOfThisTarget++;
                Trees.assertSafeAfterKill(target, inPlace ? Optional.of(old) : Optional.empty(), latest);
            }
            assertThat(run(target).waitFor()).as("exit status of the last run").isZero();

            Trees.assertExact(target, latest);
            long allowed = Trees.size(latest) + FRAMES + (long) killsOfThisTarget * (PARALLEL * CHUNK + 100);
            assertThat(server.bytesSent("chunks/")).as("bytes of chunks sent").isLessThanOrEqualTo(allowed);
        }
        assertThat(Trees.list(directory.resolve("disk"))).noneMatch(name -> name.endsWith(".caravan-incomplete"));
    }

    /** Whether the process was killed before it ended. */
    private boolean runAndKill(Path target) throws IOException, InterruptedException {
        Process process = run(target);
        if (process.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS)) {
            assertThat(process.exitValue()).isZero();
            return false;
        }
        process.destroyForcibly().waitFor();
        return true;
    }

    private Process run(Path target) throws IOException {
        return JavaProcess.of(
                        ClientMain.class,
                        "fetch",
                        url(),
                        target.toString(),
                        "--key",
                        directory.resolve("key.pub").toString(),
                        "--state",
                        state.toString(),
                        "--parallel",
                        Integer.toString(PARALLEL),
                        "--limit-rate",
                        RATE)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree tree, int number) throws Exception {
        return bucket.publish(
                tree,
                snapshot(number),
                number == 2,
                store("db/full", Engine.ROCKSDB, CHUNK),
                store("db/full/parachains/db", Engine.ROCKSDB, CHUNK));
    }
}
