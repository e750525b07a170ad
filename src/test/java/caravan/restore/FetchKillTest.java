package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.twoStores(CHUNK));

    private final FaultServer server = demo.server();
    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Bucket.Tree old = Trees.version(1, 15, CHUNK);
    private final Bucket.Tree latest = Trees.version(2, 15, CHUNK);
    private int round;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchKillTest: -Dcaravan.test.seed=" + seed + ", " + KILLS + " kills");
        demo.publish(old, 1);
        demo.bucket().point(demo.publish(latest, 2, true), 2);
        demo.restoreBy(new Client(demo.state(), demo.key(), PARALLEL));
    }

    @Test
    void everyKillLeavesTheTargetSafeAndEveryRestoreEndsExact() throws Exception {
        int kills = 0;
        while (kills < KILLS) {
            boolean inPlace = round % 2 == 1;
            Path target = demo.disk().resolve(Integer.toString(round++));
            if (inPlace) {
                demo.fetchInto(target, 1);
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
        assertThat(Trees.list(demo.disk())).noneMatch(name -> name.endsWith(".caravan-incomplete"));
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
        return demo.fetching(
                        demo.url(),
                        target,
                        demo.state(),
                        "--parallel",
                        Integer.toString(PARALLEL),
                        "--limit-rate",
                        RATE)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        demo.directory().resolve("log").toFile()))
                .start();
    }
}
