package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.restore.target.FileIdentity;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What need not come over the network, nor be read, because it is on this machine already. */
class FetchReuseTest {

    private static final int CHUNK = 1000;
    private static final byte[] TABLE = Trees.bytes(3001, 1);
    private static final byte[] OTHER = Trees.bytes(2500, 2);

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

    @Test
    void aChunkThatStandsInSeveralPlacesComesOnce() throws Exception {
        byte[] zeros = new byte[7 * CHUNK];
        Bucket.Tree tree = tree(1).file("db/full/a.sst", zeros)
                .file("db/full/b.sst", zeros)
                .file("db/full/c.sst", Arrays.copyOf(zeros, 2 * CHUNK))
                .file("db/full/d.sst", Arrays.copyOf(zeros, 2 * CHUNK));
        bucket.point(publish(tree, 1), 1);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(chunksAskedFor()).containsOnlyOnce(chunkPath(new byte[CHUNK]), chunkPath(new byte[2 * CHUNK]));
        assertThat(outcome.bytesFetched()).isEqualTo(3 * CHUNK + current(1).length);
    }

    @Test
    void zerosTakeNoRoomOnTheDisk() throws Exception {
        byte[] sparse = new byte[8 << 20];
        System.arraycopy(TABLE, 0, sparse, 3 << 20, TABLE.length);
        Bucket.Tree tree = tree(1).file("db/full/a.sst", sparse).file("db/full/b.sst", new byte[4 << 20]);
        bucket.point(bucket.publish(tree, snapshot(1), true, store("db/full", Engine.ROCKSDB, 1 << 20)), 1);

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(Trees.allocated(target.resolve("db/full/a.sst"))).isLessThan(2 << 20);
        assertThat(Trees.allocated(target.resolve("db/full/b.sst"))).isLessThan(1 << 20);
    }

    @Test
    void zerosThatFollowUponAWrongAttemptAreWritten() throws Exception {
        byte[] zeros = new byte[2 << 20];
        byte[] ones = new byte[2 << 20];
        Arrays.fill(ones, (byte) 1);
        Bucket.Tree tree = tree(1).file("db/full/a.sst", zeros);
        bucket.point(bucket.publish(tree, snapshot(1), false, store("db/full", Engine.ROCKSDB, 1 << 20)), 1);
        server.next(chunkPath(zeros), FaultServer.body(ones), FaultServer.cutAfter(1 << 20));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void zerosThatAreNotWhereTheOldCopyHadThemAreWritten() throws Exception {
        byte[] zeros = new byte[2 << 20];
        byte[] ones = new byte[2 << 20];
        Arrays.fill(ones, (byte) 1);
        bucket.point(
                bucket.publish(
                        tree(1).file("db/full/a.sst", zeros),
                        snapshot(1),
                        false,
                        store("db/full", Engine.ROCKSDB, 1 << 20)),
                1);
        client.fetch(url(), target);
        Files.write(target.resolve("db/full/a.sst"), ones);
        Bucket.Tree second = tree(2).file("db/full/b.sst", zeros);
        bucket.point(bucket.publish(second, snapshot(2), false, store("db/full", Engine.ROCKSDB, 1 << 20)), 2);

        client.fetch(url(), target);

        Trees.assertExact(target, second);
    }

    @Test
    void aChunkThatIsAlreadyInOnePlaceIsCopiedToOthers() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/a.sst", TABLE);
        Bucket.Tree second = tree(2).file("db/full/a.sst", TABLE).file("db/full/b.sst", TABLE);
        restoreBoth(first, second);

        assertThat(chunksAskedFor()).containsExactly(chunkPath(current(2)));
    }

    @Test
    void renamedFilesAreNotFetched() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/000001.sst", TABLE).file("db/full/000002.sst", OTHER);
        Bucket.Tree second = tree(2).file("db/full/000007.sst", TABLE).file("db/full/000002.sst", OTHER);
        FetchOutcome outcome = restoreBoth(first, second);

        assertThat(chunksAskedFor()).containsExactly(chunkPath(current(2)));
        assertThat(outcome.bytesKept()).isEqualTo(TABLE.length + OTHER.length);
    }

    @Test
    void whatOnlySeemsToBeElsewhereIsFetched() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/000001.sst", TABLE);
        Bucket.Tree second = tree(2).file("db/full/000007.sst", TABLE);
        bucket.point(publish(first, 1), 1);
        client.fetch(url(), target);
        byte[] changed = TABLE.clone();
        changed[1500] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), changed);
        bucket.point(publish(second, 2), 2);
        server.forgetRequests();

        client.fetch(url(), target);

        Trees.assertExact(target, second);
        assertThat(chunksAskedFor())
                .containsExactlyInAnyOrder(chunkPath(Arrays.copyOfRange(TABLE, 1000, 2000)), chunkPath(current(2)));
    }

    @Test
    void filesThatSwapTheirContentsEndRight() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/a.sst", TABLE).file("db/full/b.sst", Trees.bytes(3001, 9));
        Bucket.Tree second = tree(2).file("db/full/a.sst", Trees.bytes(3001, 9)).file("db/full/b.sst", TABLE);
        restoreBoth(first, second);
    }

    @Test
    void aTableThatIsToBeOverwrittenIsForgottenBefore() throws Exception {
        byte[] changed = TABLE.clone();
        changed[1500] ^= 1;
        bucket.point(publish(tree(1).file("db/full/a.sst", TABLE).file("db/full/b.sst", OTHER), 1), 1);
        client.fetch(url(), target);
        ageAndFetchAgain();
        Bucket.Tree second = tree(2).file("db/full/a.sst", changed).file("db/full/b.sst", OTHER);
        bucket.point(publish(second, 2), 2);
        List<String> remembered = new CopyOnWriteArrayList<>();
        server.next(chunkPath(Arrays.copyOfRange(changed, 1000, 2000)), (exchange, content) -> {
            remembered.add(note());
            exchange.sendResponseHeaders(503, -1);
        });

        client.fetch(url(), target);

        assertThat(remembered).singleElement().asString().contains("b.sst").doesNotContain("a.sst");
        Trees.assertExact(target, second);
    }

    private String note() throws IOException {
        Path notes = directory.resolve("state/files");
        return Files.readString(notes.resolve(Trees.list(notes).get(0)));
    }

    @Test
    void tablesThatWereLeftAloneAreNotReadAgainUnlessThatIsAskedFor() throws Exception {
        Bucket.Tree tree = tree(1).file("db/full/a.sst", TABLE).file("db/full/b.log", OTHER);
        bucket.point(publish(tree, 1), 1);
        client.fetch(url(), target);
        ageAndFetchAgain();

        assertThat(client.fetch(url(), target).bytesRecognised()).isEqualTo(TABLE.length);
        FetchOutcome every = checked();
        assertThat(every.bytesRecognised()).isZero();
        assertThat(every.changed()).isFalse();

        // the limit of it: a change that hides its traces is seen by who reads
        Path table = target.resolve("db/full/a.sst");
        FileTime time = Files.getLastModifiedTime(table);
        byte[] changed = TABLE.clone();
        changed[7] ^= 1;
        Files.write(table, changed);
        Files.setLastModifiedTime(table, time);
        assertThat(client.fetch(url(), target).changed()).isFalse();
        assertThat(checked().changed()).isTrue();
        Trees.assertExact(target, tree);
    }

    @Test
    void aTableThatWasWrittenToIsReadAgain() throws Exception {
        Bucket.Tree tree = tree(1).file("db/full/a.sst", TABLE).file("db/full/b.sst", OTHER);
        bucket.point(publish(tree, 1), 1);
        client.fetch(url(), target);
        ageAndFetchAgain();
        byte[] changed = TABLE.clone();
        changed[7] ^= 1;
        Files.write(target.resolve("db/full/a.sst"), changed);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(outcome.changed()).isTrue();
        assertThat(outcome.bytesRecognised()).isEqualTo(OTHER.length);
    }

    @Test
    void filesThatAnEngineChangesInPlaceAreAlwaysRead() throws Exception {
        Bucket.Tree tree = new Bucket.Tree()
                .file("paritydb/full/metadata", "version=8\n")
                .file("paritydb/full/table_00_15", TABLE);
        bucket.point(bucket.publish(tree, snapshot(1), false, store("paritydb/full", Engine.PARITYDB, CHUNK)), 1);
        client.fetch(url(), target);
        ageAndFetchAgain();

        assertThat(client.fetch(url(), target).bytesRecognised()).isZero();
    }

    private FetchOutcome restoreBoth(Bucket.Tree first, Bucket.Tree second) throws Exception {
        bucket.point(publish(first, 1), 1);
        client.fetch(url(), target);
        bucket.point(publish(second, 2), 2);
        server.forgetRequests();
        FetchOutcome outcome = client.fetch(url(), target);
        Trees.assertExact(target, second);
        return outcome;
    }

    /** As if the files had been written an hour ago: what was written just now is not recognised. */
    private void ageAndFetchAgain() throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(target)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
        }
        // That changed them, too, which nobody can date back.
        for (Path file : files) {
            await().until(() -> FileIdentity.of(file).orElseThrow().isQuiet(Instant.now()));
        }
        assertThat(client.fetch(url(), target).changed()).isFalse();
    }

    private FetchOutcome checked() throws Exception {
        return client.fetchEveryByte(url(), target);
    }

    private List<String> chunksAskedFor() {
        return server.requests().stream()
                .filter(path -> path.startsWith("chunks/"))
                .toList();
    }

    private static byte[] current(int number) {
        return ("MANIFEST-00000" + number + "\n").getBytes(US_ASCII);
    }

    private static Bucket.Tree tree(int number) {
        return new Bucket.Tree().file("db/full/CURRENT", current(number));
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree what, int number) throws Exception {
        return bucket.publish(what, snapshot(number), false, store("db/full", Engine.ROCKSDB, CHUNK));
    }

    private static String chunkPath(byte[] content) {
        return BucketPaths.chunk(Digest.of(content), StoredAs.PLAIN);
    }
}
