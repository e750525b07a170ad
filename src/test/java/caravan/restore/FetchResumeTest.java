package caravan.restore;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.TransientException;
import caravan.restore.journal.RestoreJournal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a second run believes of what an ended one left, and when it asks for the first chunk. */
class FetchResumeTest {

    private static final int CHUNK = 1000;
    private static final int FILES = 20;

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(CHUNK));

    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree = tree("MANIFEST-000004\n");
    private final String last = Bucket.chunk(Trees.bytes(900, FILES));
    private final Path stage = target.resolveSibling("data.caravan-incomplete");

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
    }

    @Test
    void whatIsOnTheDiskAndWasLeftAloneIsNotReadAgain() throws Exception {
        endWhenRecorded(stage);

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(demo.client().progress().bytesToCheck()).isZero();
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
        assertThat(server.chunksAskedFor())
                .containsExactlyInAnyOrder(last, Bucket.chunk("MANIFEST-000004\n".getBytes(US_ASCII)));
    }

    @Test
    void anEditedFileIsHashedAgainAndOnlyWhatIsWrongIsFetched() throws Exception {
        endWhenRecorded(stage);
        Path edited = stage.resolve("db/full/big.sst");
        FileTime time = Files.getLastModifiedTime(edited);
        flip(edited, 3500);
        Files.setLastModifiedTime(edited, time);

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(demo.client().progress().bytesToCheck()).isEqualTo(5 * CHUNK + 1);
        assertThat(demo.client().progress().checkedBytes()).isEqualTo(5 * CHUNK + 1);
        assertThat(server.chunksAskedFor()).hasSize(3);
    }

    @Test
    void withoutItsJournalAllIsHashedAndNothingFetchedTwice() throws Exception {
        endWhenRecorded(stage);
        Files.delete(stage.resolve(RestoreJournal.PLACE));

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(demo.client().progress().bytesToCheck()).isEqualTo(sizeOfMany());
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
        assertThat(server.chunksAskedFor()).hasSize(2);
    }

    @Test
    void whatWasOnlyWrittenIsHashedBecauseAPowerCutMayHaveTakenIt() throws Exception {
        server.always(last, FaultServer.status(503));
        assertThatThrownBy(demo::fetch).isInstanceOf(TransientException.class);
        server.repair(last);
        Path lost = stage.resolve("db/full/10.sst");
        long size = Files.size(lost);
        Files.write(lost, new byte[(int) size]);
        server.forgetRequests();

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(server.chunksAskedFor()).contains(Bucket.chunk(Trees.bytes(900, 10)));
    }

    /** A failed fsync leaves what was written readable, until the system needs the memory. */
    @Test
    void whatIsRightButWasNotForcedIsWrittenAgain() throws Exception {
        server.always(last, FaultServer.status(503));
        assertThatThrownBy(demo::fetch).isInstanceOf(TransientException.class);
        server.repair(last);
        Path unforced = stage.resolve("db/full/11.sst");
        assertThat(unforced).hasBinaryContent(Trees.bytes(900, 11));
        FileTime longAgo = FileTime.fromMillis(0);
        Files.setLastModifiedTime(unforced, longAgo);
        server.forgetRequests();

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(server.chunksAskedFor()).doesNotContain(Bucket.chunk(Trees.bytes(900, 11)));
        assertThat(Files.getLastModifiedTime(target.resolve("db/full/11.sst"))).isGreaterThan(longAgo);
    }

    @Test
    void aNewerSnapshotGoesOnFromTheSameJournal() throws Exception {
        endWhenRecorded(stage);
        Bucket.Tree newer = tree("MANIFEST-000009\n").file("db/full/more.sst", "more");
        demo.publishLatest(newer, 2);

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, newer);
        assertThat(demo.client().progress().bytesToCheck()).isZero();
        assertThat(outcome.bytesKept()).isEqualTo(sizeOfMany());
    }

    @Test
    void inPlaceTheSameHolds() throws Exception {
        demo.publish(
                new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000002\n").file("db/full/10.sst", "other"), 2);
        demo.fetch(2);
        endWhenRecorded(target);

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(demo.client().progress().bytesToCheck()).isZero();
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
        demo.publishLatest(many, 3);
        demo.restoreBy(new Client(demo.state(), demo.key(), 1));

        demo.fetch();

        Trees.assertExact(target, many);
        assertThat(server.chunksAskedFor().indexOf(Bucket.chunk("missing".getBytes(US_ASCII))))
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
        assertThatThrownBy(demo::fetch).isInstanceOf(TransientException.class);
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
}
