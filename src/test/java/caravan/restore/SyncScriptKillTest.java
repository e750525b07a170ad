package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Kills {@code sync.sh} (SIGKILL) at random moments, alone or with all it started, and runs it again. After each kill the
 * target is untouched, or kept from every engine, or exact; in the end it is exact, and no more was fetched than the
 * kills explain.
 */
@Timeout(600)
class SyncScriptKillTest {

    private static final int CHUNK = 64 << 10;
    private static final int PARALLEL = 4;
    private static final int LONGEST_LIFE_MILLIS = 3000;
    private static final int KILLS = "long".equals(System.getProperty("caravan.test.form")) ? 200 : 10;

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.twoStores(CHUNK));

    private final FaultServer server = demo.server();
    private final SyncScript script = demo.script();
    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Bucket.Tree old = Trees.version(1, 8, CHUNK);
    private final Bucket.Tree latest = Trees.version(2, 8, CHUNK);
    private final List<ProcessHandle> leftRunning = new ArrayList<>();

    @BeforeEach
    void publish() throws Exception {
        System.out.println("SyncScriptKillTest: -Dcaravan.test.seed=" + seed + ", " + KILLS + " kills");
        demo.publish(old, 1);
        demo.publishLatest(latest, 2);
    }

    @Test
    void aKilledRestoreIsHarmlessAndGoesOn() throws Exception {
        int kills = 0;
        for (int round = 0; kills < KILLS; round++) {
            boolean inPlace = round % 2 == 1;
            Path target = demo.disk().resolve("data-" + round);
            if (inPlace) {
                script.run(demo.url(1), target).done();
            }
            server.forgetRequests();
            int killsOfThisTarget = 0;
            while (kills < KILLS && killsOfThisTarget < 5 && runAndKill(target)) {
                kills++;
                killsOfThisTarget++;
                Trees.assertSafeAfterKill(target, inPlace ? Optional.of(old) : Optional.empty(), latest);
            }
            SyncScript.Ended last =
                    script.run(demo.url(), target, "--parallel", "4").done();

            Trees.assertExact(target, latest);
            long allowed = Trees.size(latest) + (long) killsOfThisTarget * PARALLEL * (2 * CHUNK + 100);
            assertThat(server.bytesSent("chunks/")).as(last.output()).isLessThanOrEqualTo(allowed);
        }
        assertThat(Trees.list(demo.disk())).noneMatch(name -> name.endsWith(".caravan-incomplete"));
        // What a killed run left running may write there for a second; the next run after that removes it.
        await().atMost(Duration.ofMinutes(1)).until(() -> leftRunning.stream().noneMatch(ProcessHandle::isAlive));
        script.run(demo.url(), demo.disk().resolve("data-0")).done();
        assertThat(Trees.list(demo.state().resolve("sync")))
                .as("lists of killed runs")
                .containsExactly("lock");
    }

    /** Whether the process was killed before it ended. */
    private boolean runAndKill(Path target) throws IOException, InterruptedException {
        Process process = script.process(demo.url(), target, "--parallel", "4", "--limit-rate", "3M")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        demo.directory().resolve("log").toFile()))
                .start();
        if (process.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS)) {
            assertThat(process.exitValue())
                    .as(Files.readString(demo.directory().resolve("log")))
                    .isZero();
            return false;
        }
        List<ProcessHandle> all = process.descendants().toList();
        leftRunning.addAll(all);
        process.destroyForcibly();
        if (random.nextBoolean()) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
        process.waitFor();
        return true;
    }
}
