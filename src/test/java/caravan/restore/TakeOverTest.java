package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code sync.sh} began and did not end, {@code caravan fetch} ends, and the other way round. */
@Timeout(120)
class TakeOverTest {

    private static final byte[] TABLE = Trees.bytes(5000, 1);
    private static final String LAST = Bucket.chunk(Arrays.copyOfRange(TABLE, 4000, 5000));

    private static final Duration LONG = Duration.ofMinutes(1);

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree old = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000001\n");
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", TABLE);
    private final CountDownLatch over = new CountDownLatch(1);

    @BeforeEach
    void publish() throws Exception {
        demo.publish(old, 1);
        bucket.point(demo.publish(tree, 2), 1);
    }

    @AfterEach
    void stop() {
        over.countDown();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fetchEndsWhatAKilledScriptBegan(boolean inPlace) throws Exception {
        prepare(inPlace);
        Path work = work(inPlace);
        killOnceThere(script().process(demo.url(), target, "--stall", "60"), work.resolve("parts/3"));
        assertThat(work.resolve("parts/3")).exists();

        FetchOutcome outcome = demo.fetch();

        assertThat(outcome.changed()).isTrue();
        Trees.assertExact(target, tree);
        assertThat(Trees.list(demo.disk())).containsExactly("data");
    }

    @Test
    void scriptEndsWhatAKilledFetchBegan() throws Exception {
        prepare(true);
        Path table = target.resolve("db/full/1.sst");
        ProcessBuilder fetch = demo.fetching(demo.url(), target, demo.state());
        killOnceThere(fetch, table);

        script().run(demo.url(), target).done();

        // The script leaves an engine's lock alone, whoever made it; every engine does, too.
        Files.deleteIfExists(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
    }

    private void prepare(boolean inPlace) throws Exception {
        if (inPlace) {
            demo.fetch(1);
        }
    }

    private Path work(boolean inPlace) {
        return target.resolveSibling(inPlace ? "data" : "data.caravan-incomplete")
                .resolve(".caravan");
    }

    /** Runs it until the file is there and the last chunk is asked for, which does not come; then the server is well again. */
    private void killOnceThere(ProcessBuilder command, Path file) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        server.always(LAST, (exchange, content) -> {
            asked.countDown();
            over.await();
        });
        Path log = demo.directory().resolve("log");
        Process process =
                command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        await().atMost(LONG).until(() -> !process.isAlive() || (asked.getCount() == 0 && Files.exists(file)));
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle one : all) {
            one.onExit().join();
        }
        server.repair(LAST);
    }

    private SyncScript script() {
        return new SyncScript(
                demo.directory().resolve("script-state"), demo.key().fingerprint());
    }
}
