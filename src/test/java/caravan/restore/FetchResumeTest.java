package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.TransientException;
import caravan.restore.journal.RestoreJournal;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a second run believes of what an ended one left, and when it asks for the first chunk. */
class FetchResumeTest {

    private static final int CHUNK = 1000;
    private static final int FILES = 20;

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree tree = tree("MANIFEST-000004\n");
    private final String last = chunkPath(Trees.bytes(900, FILES));
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;
    private Path stage;

    @BeforeEach
    void start() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        bucket.point(publish(tree, 1), 1);
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
        stage = target.resolveSibling("data.caravan-incomplete");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whatIsOnTheDiskAndWasLeftAloneIsNotReadAgain() throws Exception {
        endWhenRecorded(stage);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(client.progress().bytesToCheck()).isZero();
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
        assertThat(chunksAskedFor()).containsExactlyInAnyOrder(last, chunkPath("MANIFEST-000004\n".getBytes(US_ASCII)));
    }

    @Test
    void anEditedFileIsHashedAgainAndOnlyWhatIsWrongIsFetched() throws Exception {
        endWhenRecorded(stage);
        Path edited = stage.resolve("db/full/big.sst");
        FileTime time = Files.getLastModifiedTime(edited);
        flip(edited, 3500);
        Files.setLastModifiedTime(edited, time);

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(client.progress().bytesToCheck()).isEqualTo(5 * CHUNK + 1);
        assertThat(client.progress().checkedBytes()).isEqualTo(5 * CHUNK + 1);
        assertThat(chunksAskedFor()).hasSize(3);
    }

    @Test
    void withoutItsJournalAllIsHashedAndNothingFetchedTwice() throws Exception {
        endWhenRecorded(stage);
        Files.delete(stage.resolve(RestoreJournal.PLACE));

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(client.progress().bytesToCheck()).isEqualTo(sizeOfMany());
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
        assertThat(chunksAskedFor()).hasSize(2);
    }

    @Test
    void whatWasOnlyWrittenIsHashedBecauseAPowerCutMayHaveTakenIt() throws Exception {
        server.always(last, FaultServer.status(503));
        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(TransientException.class);
        server.repair(last);
        Path lost = stage.resolve("db/full/10.sst");
        long size = Files.size(lost);
        Files.write(lost, new byte[(int) size]);
        server.forgetRequests();

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(chunksAskedFor()).contains(chunkPath(Trees.bytes(900, 10)));
    }

    /** A failed fsync leaves what was written readable, until the system needs the memory. */
    @Test
    void whatIsRightButWasNotForcedIsWrittenAgain() throws Exception {
        server.always(last, FaultServer.status(503));
        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(TransientException.class);
        server.repair(last);
        Path unforced = stage.resolve("db/full/11.sst");
        assertThat(unforced).hasBinaryContent(Trees.bytes(900, 11));
        FileTime longAgo = FileTime.fromMillis(0);
        Files.setLastModifiedTime(unforced, longAgo);
        server.forgetRequests();

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(chunksAskedFor()).doesNotContain(chunkPath(Trees.bytes(900, 11)));
        assertThat(Files.getLastModifiedTime(target.resolve("db/full/11.sst"))).isGreaterThan(longAgo);
    }

    @Test
    void aNewerSnapshotGoesOnFromTheSameJournal() throws Exception {
        endWhenRecorded(stage);
        Bucket.Tree newer = tree("MANIFEST-000009\n").file("db/full/more.sst", "more");
        bucket.point(publish(newer, 2), 2);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, newer);
        assertThat(client.progress().bytesToCheck()).isZero();
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
    }

    @Test
    void inPlaceTheSameHolds() throws Exception {
        publish(new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000002\n").file("db/full/10.sst", "other"), 2);
        client.fetch(url() + "/" + snapshot(2), target);
        endWhenRecorded(target);

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(client.progress().bytesToCheck()).isZero();
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
        assertThat(Trees.list(target)).containsExactly("db");
    }

    @Test
    void whatIsMissingIsAskedForBeforeWhatIsDoubtfulIsChecked() throws Exception {
        Bucket.Tree many = tree("MANIFEST-000004\n");
        Path left = Files.createDirectories(stage.resolve("db/full"));
        for (int number = 100; number < 300; number++) {
            many.file("db/full/" + number + ".sst", Trees.bytes(900, number));
            Files.write(left.resolve(number + ".sst"), Trees.bytes(900, -number));
        }
        many.file("db/full/zz-missing.sst", "missing");
        bucket.point(publish(many, 3), 3);
        client = new Client(directory.resolve("state"), key, 1);

        client.fetch(url(), target);

        Trees.assertExact(target, many);
        assertThat(chunksAskedFor().indexOf(chunkPath("missing".getBytes(US_ASCII))))
                .isBetween(0, 100);
    }

    /** Ends a restore of all but the last file and the seal once the journal says that they are on the disk. */
    private void endWhenRecorded(Path where) throws Exception {
        server.always(last, (exchange, content) -> {
            Path journal = where.resolve(RestoreJournal.PLACE);
            while (durableLines(journal) < FILES - 9) {
                Thread.onSpinWait();
            }
            exchange.sendResponseHeaders(503, -1);
        });
        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(TransientException.class);
        server.repair(last);
        server.forgetRequests();
    }

    private static long durableLines(Path journal) throws IOException {
        return Files.exists(journal)
                ? Files.readAllLines(journal).stream()
                        .filter(line -> line.contains(" D "))
                        .map(line -> line.split(" ", 4)[2])
                        .distinct()
                        .count()
                : 0;
    }

    private List<String> chunksAskedFor() {
        return server.requests().stream()
                .filter(path -> path.startsWith("chunks/"))
                .toList();
    }

    private static long sizeOfMany() {
        return 900L * (FILES - 10) + 5 * CHUNK + 1;
    }

    /** {@code 10.sst} to {@code 19.sst}, {@code big.sst}, and one after them. */
    private static Bucket.Tree tree(String current) {
        Bucket.Tree tree =
                new Bucket.Tree().file("db/full/CURRENT", current).file("db/full/big.sst", Trees.bytes(5001, 5));
        for (int number = 10; number < FILES; number++) {
            tree.file("db/full/" + number + ".sst", Trees.bytes(900, number));
        }
        return tree.file("db/full/last.sst", Trees.bytes(900, FILES));
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ 1);
        }
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
