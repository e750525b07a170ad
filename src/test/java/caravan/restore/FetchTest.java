package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest {

    private static final int CHUNK = 1000;

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void start() throws IOException {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        Files.createDirectories(bucket.root());
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void restoresFilesOfEverySizeAroundTheCut(boolean compressed) throws Exception {
        Bucket.Tree tree = sealed();
        for (int size : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK, 300_001}) {
            tree.file("db/full/of-" + size, Trees.bytes(size, size));
        }
        bucket.point(bucket.publish(tree, snapshot(1), compressed, store("db/full", Engine.ROCKSDB, CHUNK)), 1);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(outcome.changed()).isTrue();
        assertThat(Trees.list(target.getParent())).containsExactly("data");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void restoresOddNamesAndEmptyDirectories() throws Exception {
        Bucket.Tree tree = sealed().file("db/full/with space", "a")
                .file("db/full/quote'\"`$(x)", "b")
                .file("db/full/100%25+%", "c")
                .file("db/full/-rf", "d")
                .file("db/full/Zoë-日本.sst", "e")
                .file("db/full/" + "n".repeat(255), "f")
                .file("db/full/deep/er/and/deeper/file", "g")
                .directory("db/full/empty")
                .directory("db/full/none/of/it");
        bucket.point(publish(tree, 1), 1);

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void restoresHundredsOfSmallFiles() throws Exception {
        Bucket.Tree tree = sealed();
        for (int number = 0; number < 500; number++) {
            tree.file("db/full/" + number % 7 + "/" + number + ".sst", Trees.bytes(number % 50, number));
        }
        bucket.point(publish(tree, 1), 1);

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void restoresTheSnapshotThatTheUrlNamesAndOneFromADirectory() throws Exception {
        Bucket.Tree old = sealed().file("db/full/1.sst", "old");
        publish(old, 1);
        bucket.point(publish(sealed().file("db/full/1.sst", "new"), 2), 2);

        client.fetch(url() + "/" + snapshot(1), target);
        client.fetch(bucket.root() + "/demo/" + snapshot(1), target.resolveSibling("copy"));
        client.fetch("file://" + bucket.root() + "/demo/" + snapshot(1), target.resolveSibling("other"));

        Trees.assertExact(target, old);
        Trees.assertExact(target.resolveSibling("copy"), old);
        Trees.assertExact(target.resolveSibling("other"), old);
    }

    @Test
    void emptyDirectoryIsAGoodTargetAndKeepsItsMode() throws Exception {
        Bucket.Tree tree = sealed();
        bucket.point(publish(tree, 1), 1);
        Files.createDirectory(
                target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void fetchingTheSameAgainChangesNothingAndFetchesNoChunk() throws Exception {
        Bucket.Tree tree = sealed().file("db/full/1.sst", Trees.bytes(3456, 1)).directory("db/full/empty");
        bucket.point(publish(tree, 1), 1);
        client.fetch(url(), target);
        List<String> before = Trees.print(target);
        server.forgetRequests();

        FetchOutcome outcome = client.fetch(url(), target);

        assertThat(outcome.changed()).isFalse();
        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(server.requests()).noneMatch(path -> path.startsWith("chunks/"));
    }

    @Test
    void newerSnapshotFetchesOnlyWhatDiffersAndMovesTheRestAside() throws Exception {
        Bucket.Tree first = sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/2.log", "old log");
        Bucket.Tree second = sealed("MANIFEST-000009\n")
                .file("db/full/1.sst", Trees.bytes(900, 1))
                .file("db/full/3.sst", Trees.bytes(700, 3))
                .directory("db/full/empty");
        bucket.point(publish(first, 1), 1);
        client.fetch(url(), target);
        bucket.point(publish(second, 2), 2);
        server.forgetRequests();

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, second);
        assertThat(server.requests().stream().filter(path -> path.startsWith("chunks/")))
                .hasSize(2);
        assertThat(outcome.replaced()).hasSize(1);
        assertThat(outcome.replaced().get(0).resolve("db/full/2.log")).hasContent("old log");
    }

    @Test
    void goesOnAfterAFailureWithoutFetchingTheSameTwice() throws Exception {
        Bucket.Tree tree = sealed();
        for (int number = 10; number < 30; number++) {
            tree.file("db/full/" + number + ".sst", Trees.bytes(900, number));
        }
        bucket.point(publish(tree, 1), 1);
        String last = chunkPath(Trees.bytes(900, 29));
        server.always(last, FaultServer.status(503));

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("503")
                .hasMessageContaining(last);

        assertThat(target).doesNotExist();
        assertThat(Trees.list(target.getParent())).containsExactly("data.caravan-incomplete");
        assertThat(target.resolveSibling("data.caravan-incomplete/db/full/CURRENT"))
                .doesNotExist();
        server.repair(last);
        server.forgetRequests();
        FetchOutcome outcome = client.fetch(url(), target);
        Trees.assertExact(target, tree);
        assertThat(outcome.bytesFetched() + outcome.bytesKept()).isEqualTo(900 * 20 + 16);
        assertThat(outcome.bytesKept()).isGreaterThan(900 * 10);
    }

    @Test
    void doesNotBelieveWhatAnInterruptedRestoreLeft() throws Exception {
        Bucket.Tree tree =
                sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/2.sst", Trees.bytes(900, 2));
        bucket.point(publish(tree, 1), 1);
        Path left = target.resolveSibling("data.caravan-incomplete/db/full");
        Files.createDirectories(left.resolve("old"));
        byte[] swapped = Trees.bytes(900, 1);
        swapped[450] ^= 4;
        Files.write(left.resolve("1.sst"), swapped);
        Files.write(left.resolve("2.sst"), Trees.bytes(1200, 2));
        Files.writeString(left.resolve("old/7.log"), "of another snapshot");

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void startsFromWhatARestoreOfAnotherSnapshotLeft() throws Exception {
        Bucket.Tree first = sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/2.sst", "x");
        bucket.point(publish(first, 1), 1);
        server.always(chunkPath("x".getBytes(StandardCharsets.UTF_8)), FaultServer.status(404));
        client = new Client(directory.resolve("state"), key, 1);
        assertThatThrownBy(() -> client.fetch(url(), target)).hasMessageContaining("404");
        Bucket.Tree second = sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/3.sst", "y");
        bucket.point(publish(second, 2), 2);

        client.fetch(url(), target);

        Trees.assertExact(target, second);
        assertThat(client.progress().keptBytes()).isGreaterThanOrEqualTo(900);
    }

    @Test
    void aSecondFetchIntoTheSameDirectoryIsRefused() throws Exception {
        Bucket.Tree tree = sealed().file("db/full/1.sst", Trees.bytes(900, 1));
        bucket.point(publish(tree, 1), 1);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        String chunk = chunkPath(Trees.bytes(900, 1));
        server.next(chunk, (exchange, content) -> {
            asked.countDown();
            goOn.await();
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        });
        Client other = new Client(directory.resolve("other-state"), key);
        Thread first = new Thread(() -> {
            try {
                client.fetch(url(), target);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        first.start();
        asked.await();

        assertThatThrownBy(() -> other.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another fetch");
        goOn.countDown();
        first.join();

        Trees.assertExact(target, tree);
    }

    @Test
    void expectationsAreHeldAgainstTheRecordBeforeAnythingIsFetched() throws Exception {
        bucket.point(publish(sealed(), 1), 1);

        client.fetch(url(), target, Expectations.parse("chain=testnet,pruning=256,role=full"));
        assertThatThrownBy(() -> client.fetch(
                        url(), target.resolveSibling("no"), Expectations.parse("chain=testnet,pruning=archive")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("pruning \"256\", expected \"archive\"");

        assertThat(target.resolveSibling("no")).doesNotExist();
    }

    @Test
    void wrongManifestIsFoundOutBeforeItIsRead() throws Exception {
        SnapshotRecord record = publish(sealed(), 1);
        bucket.point(record, 1);
        String manifest = DATABASE + "/" + snapshot(1) + "/manifest.jsonl";
        byte[] other = bucket.get(manifest);
        other[other.length - 3] ^= 1;
        bucket.put(manifest, other);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("manifest.jsonl")
                .hasMessageContaining("the signed record says");

        assertThat(Trees.list(target.getParent())).isEmpty();
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree tree, int number) throws Exception {
        return bucket.publish(tree, snapshot(number), false, store("db/full", Engine.ROCKSDB, CHUNK));
    }

    private static Bucket.Tree sealed() {
        return sealed("MANIFEST-000004\n");
    }

    private static Bucket.Tree sealed(String current) {
        return new Bucket.Tree().file("db/full/CURRENT", current);
    }

    private static String chunkPath(byte[] content) {
        return BucketPaths.chunk(Digest.of(content), StoredAs.PLAIN);
    }
}
