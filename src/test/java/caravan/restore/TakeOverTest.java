package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code sync.sh} began and did not end, {@code caravan fetch} ends, and the other way round. */
@Timeout(120)
class TakeOverTest {

    private static final byte[] TABLE = Trees.bytes(5000, 1);
    private static final String LAST = chunk(Arrays.copyOfRange(TABLE, 4000, 5000));

    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree old = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000001\n");
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", TABLE);
    private final CountDownLatch over = new CountDownLatch(1);
    private FaultServer server;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        Bucket bucket = new Bucket(directory.resolve("bucket"), key, Instant.now());
        bucket.publish(old, snapshot(1), false, store("db/full", Engine.ROCKSDB, 1000));
        bucket.point(bucket.publish(tree, snapshot(2), false, store("db/full", Engine.ROCKSDB, 1000)), 1);
        server = new FaultServer(bucket.root());
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
        Files.writeString(directory.resolve("key.pub"), key.publicKey().toOpenSsh() + "\n");
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fetchEndsWhatAKilledScriptBegan(boolean inPlace) throws Exception {
        prepare(inPlace);
        Path work = work(inPlace);
        killOnceThere(script().process(url(), target, "--stall", "60"), work.resolve("parts/3"));
        assertThat(work.resolve("parts/3")).exists();

        FetchOutcome outcome = fetch(url());

        assertThat(outcome.changed()).isTrue();
        Trees.assertExact(target, tree);
        assertThat(Trees.list(target.getParent())).containsExactly("data");
    }

    @Test
    void scriptEndsWhatAKilledFetchBegan() throws Exception {
        prepare(true);
        Path table = target.resolve("db/full/1.sst");
        ProcessBuilder fetch = JavaProcess.of(
                ClientMain.class,
                "fetch",
                url(),
                target.toString(),
                "--key",
                directory.resolve("key.pub").toString(),
                "--state",
                directory.resolve("java-state").toString());
        killOnceThere(fetch, table);

        script().run(url(), target).done();

        // The script leaves an engine's lock alone, whoever made it; every engine does, too.
        Files.deleteIfExists(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
    }

    private void prepare(boolean inPlace) throws Exception {
        if (inPlace) {
            fetch(url() + "/" + snapshot(1));
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
        Path log = directory.resolve("log");
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

    private FetchOutcome fetch(String url) throws Exception {
        Client client = new Client(directory.resolve("java-state"), key);
        return client.fetch(url, target, Expectations.NONE, client.settings(), Instant.now());
    }

    private SyncScript script() throws IOException {
        return new SyncScript(directory.resolve("script-state"), key.fingerprint());
    }

    private String url() {
        return server.base() + "/demo";
    }

    private static String chunk(byte[] content) {
        return BucketPaths.chunk(Digest.of(content), StoredAs.PLAIN);
    }
}
