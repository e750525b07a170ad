package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest {

    private static final int CHUNK = 1000;

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void restoresFilesOfEverySizeAroundTheCut(boolean compressed) throws Exception {
        Bucket.Tree tree = sealed();
        for (int size : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK, 300_001}) {
            tree.file("db/full/of-" + size, Trees.bytes(size, size));
        }
        bucket.point(bucket.publish(tree, snapshot(1), compressed, Bucket.oneStore(CHUNK)), 1);

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(outcome.changed()).isTrue();
        assertThat(Trees.list(demo.disk())).containsExactly("data");
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
        demo.publishLatest(tree, 1);

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void restoresHundredsOfSmallFiles() throws Exception {
        Bucket.Tree tree = sealed();
        for (int number = 0; number < 500; number++) {
            tree.file("db/full/" + number % 7 + "/" + number + ".sst", Trees.bytes(number % 50, number));
        }
        demo.publishLatest(tree, 1);

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void restoresTheSnapshotThatTheUrlNamesAndOneFromADirectory() throws Exception {
        Bucket.Tree old = sealed().file("db/full/1.sst", "old");
        demo.publish(old, 1);
        demo.publishLatest(sealed().file("db/full/1.sst", "new"), 2);

        demo.fetch(1);
        demo.client().fetch(bucket.root() + "/demo/" + snapshot(1), target.resolveSibling("copy"));
        demo.client().fetch("file://" + bucket.root() + "/demo/" + snapshot(1), target.resolveSibling("other"));

        Trees.assertExact(target, old);
        Trees.assertExact(target.resolveSibling("copy"), old);
        Trees.assertExact(target.resolveSibling("other"), old);
    }

    @Test
    void emptyDirectoryIsAGoodTargetAndKeepsItsMode() throws Exception {
        Bucket.Tree tree = sealed();
        demo.publishLatest(tree, 1);
        Files.createDirectory(
                target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void fetchingTheSameAgainChangesNothingAndFetchesNoChunk() throws Exception {
        Bucket.Tree tree = sealed().file("db/full/1.sst", Trees.bytes(3456, 1)).directory("db/full/empty");
        demo.publishLatest(tree, 1);
        demo.fetch();
        List<String> before = Trees.print(target);
        server.forgetRequests();

        FetchOutcome outcome = demo.fetch();

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
        demo.publishLatest(first, 1);
        demo.fetch();
        demo.publishLatest(second, 2);
        server.forgetRequests();

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, second);
        assertThat(server.chunksAskedFor()).hasSize(2);
        assertThat(outcome.replaced()).hasSize(1);
        assertThat(outcome.replaced().get(0).resolve("db/full/2.log")).hasContent("old log");
    }

    @Test
    void goesOnAfterAFailureWithoutFetchingTheSameTwice() throws Exception {
        Bucket.Tree tree = sealed();
        for (int number = 10; number < 30; number++) {
            tree.file("db/full/" + number + ".sst", Trees.bytes(900, number));
        }
        demo.publishLatest(tree, 1);
        String last = Bucket.chunk(Trees.bytes(900, 29));
        server.always(last, FaultServer.status(503));

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("503")
                .hasMessageContaining(last);

        assertThat(target).doesNotExist();
        assertThat(Trees.list(demo.disk())).containsExactly("data.caravan-incomplete");
        assertThat(target.resolveSibling("data.caravan-incomplete/db/full/CURRENT"))
                .doesNotExist();
        server.repair(last);
        server.forgetRequests();
        FetchOutcome outcome = demo.fetch();
        Trees.assertExact(target, tree);
        assertThat(outcome.bytesFetched() + outcome.bytesKept()).isEqualTo(900 * 20 + 16);
        assertThat(outcome.bytesKept()).isGreaterThan(900 * 10);
    }

    @Test
    void doesNotBelieveWhatAnInterruptedRestoreLeft() throws Exception {
        Bucket.Tree tree =
                sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/2.sst", Trees.bytes(900, 2));
        demo.publishLatest(tree, 1);
        Path left = target.resolveSibling("data.caravan-incomplete/db/full");
        Files.createDirectories(left.resolve("old"));
        byte[] swapped = Trees.bytes(900, 1);
        swapped[450] ^= 4;
        Files.write(left.resolve("1.sst"), swapped);
        Files.write(left.resolve("2.sst"), Trees.bytes(1200, 2));
        Files.writeString(left.resolve("old/7.log"), "of another snapshot");

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void startsFromWhatARestoreOfAnotherSnapshotLeft() throws Exception {
        Bucket.Tree first = sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/2.sst", "x");
        demo.publishLatest(first, 1);
        server.always(Bucket.chunk("x".getBytes(StandardCharsets.UTF_8)), FaultServer.status(404));
        demo.restoreBy(new Client(demo.state(), demo.key(), 1));
        assertThatThrownBy(demo::fetch).hasMessageContaining("404");
        Bucket.Tree second = sealed().file("db/full/1.sst", Trees.bytes(900, 1)).file("db/full/3.sst", "y");
        demo.publishLatest(second, 2);

        demo.fetch();

        Trees.assertExact(target, second);
        assertThat(demo.client().progress().keptBytes()).isGreaterThanOrEqualTo(900);
    }

    @Test
    void aSecondFetchIntoTheSameDirectoryIsRefused() throws Exception {
        Bucket.Tree tree = sealed().file("db/full/1.sst", Trees.bytes(900, 1));
        demo.publishLatest(tree, 1);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        String chunk = Bucket.chunk(Trees.bytes(900, 1));
        server.next(chunk, (exchange, content) -> {
            asked.countDown();
            goOn.await();
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        });
        Client other = new Client(demo.directory().resolve("other-state"), demo.key());
        Thread first = new Thread(() -> {
            try {
                demo.fetch();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        first.start();
        asked.await();

        assertThatThrownBy(() -> other.fetch(demo.url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("another fetch");
        goOn.countDown();
        first.join();

        Trees.assertExact(target, tree);
    }

    @Test
    void expectationsAreHeldAgainstTheRecordBeforeAnythingIsFetched() throws Exception {
        demo.publishLatest(sealed(), 1);

        demo.client().fetch(demo.url(), target, Expectations.parse("chain=testnet,pruning=256,role=full"));
        assertThatThrownBy(() -> demo.client()
                        .fetch(
                                demo.url(),
                                target.resolveSibling("no"),
                                Expectations.parse("chain=testnet,pruning=archive")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("pruning \"256\", expected \"archive\"");

        assertThat(target.resolveSibling("no")).doesNotExist();
    }

    @Test
    void wrongManifestIsFoundOutBeforeItIsRead() throws Exception {
        SnapshotRecord record = demo.publish(sealed(), 1);
        bucket.point(record, 1);
        String manifest = DATABASE + "/" + snapshot(1) + "/manifest.jsonl";
        byte[] other = bucket.get(manifest);
        other[other.length - 3] ^= 1;
        bucket.put(manifest, other);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("manifest.jsonl")
                .hasMessageContaining("the signed record says");

        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    private static Bucket.Tree sealed() {
        return sealed("MANIFEST-000004\n");
    }

    private static Bucket.Tree sealed(String current) {
        return new Bucket.Tree().file("db/full/CURRENT", current);
    }
}
