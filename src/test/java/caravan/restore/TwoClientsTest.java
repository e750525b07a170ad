package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.restore.source.Retries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code caravan fetch} and {@code sync.sh} see each other, though they lock in different ways. */
@Timeout(120)
class TwoClientsTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", Trees.bytes(5000, 1));
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final ExecutorService other = Executors.newSingleThreadExecutor();

    @BeforeEach
    void holdEveryChunkBack() throws Exception {
        demo.publishLatest(tree, 1);
        List<Path> chunks;
        try (Stream<Path> all = Files.walk(bucket.root().resolve("chunks"))) {
            chunks = all.filter(Files::isRegularFile).toList();
        }
        for (Path chunk : chunks) {
            server.always(bucket.root().relativize(chunk).toString(), (exchange, content) -> {
                asked.countDown();
                go.await();
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            });
        }
    }

    @AfterEach
    void stop() {
        go.countDown();
        other.shutdownNow();
    }

    @Test
    void fetchKeepsOutOfADirectoryInWhichTheScriptIsAtWork() throws Exception {
        Process script = script().process(demo.url(), target, "--stall", "60")
                .redirectErrorStream(true)
                .start();
        asked.await();

        assertThatThrownBy(this::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another fetch is at work in " + target + ".caravan-incomplete");

        go.countDown();
        String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as(said).isZero();
        Trees.assertExact(target, tree);
    }

    @Test
    void scriptKeepsOutOfADirectoryInWhichAFetchIsAtWork() throws Exception {
        Future<FetchOutcome> fetch = other.submit(this::fetch);
        asked.await();

        script().run(demo.url(), target)
                .refusedWith(4, "another fetch is at work in " + target + ".caravan-incomplete");

        go.countDown();
        assertThat(fetch.get().changed()).isTrue();
        Trees.assertExact(target, tree);
    }

    private FetchOutcome fetch() throws Exception {
        Client client = demo.client();
        return client.fetch(
                demo.url(),
                target,
                Expectations.NONE,
                client.settings()
                        .withPatience(
                                Duration.ofSeconds(60),
                                new Retries(Duration.ofMillis(2), Duration.ofMillis(50), () -> 0.5)),
                demo.now());
    }

    private SyncScript script() {
        return new SyncScript(
                demo.directory().resolve("script-state"), demo.key().fingerprint());
    }
}
