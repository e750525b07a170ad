package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.restore.target.FileIdentity;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What need not come over the network, nor be read, because it is on this machine already. */
class FetchReuseTest {

    private static final int CHUNK = 1000;
    private static final byte[] TABLE = Trees.bytes(3001, 1);
    private static final byte[] OTHER = Trees.bytes(2500, 2);

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();

    @Test
    void aChunkThatStandsInSeveralPlacesComesOnce() throws Exception {
        byte[] zeros = new byte[7 * CHUNK];
        Bucket.Tree tree = tree(1).file("db/full/a.sst", zeros)
                .file("db/full/b.sst", zeros)
                .file("db/full/c.sst", Arrays.copyOf(zeros, 2 * CHUNK))
                .file("db/full/d.sst", Arrays.copyOf(zeros, 2 * CHUNK));
        demo.publishLatest(tree, 1);

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(server.chunksAskedFor())
                .containsOnlyOnce(Bucket.chunk(new byte[CHUNK]), Bucket.chunk(new byte[2 * CHUNK]));
        assertThat(outcome.bytesFetched()).isEqualTo(3 * CHUNK + current(1).length);
    }

    @Test
    void zerosTakeNoRoomOnTheDisk() throws Exception {
        byte[] sparse = new byte[8 << 20];
        System.arraycopy(TABLE, 0, sparse, 3 << 20, TABLE.length);
        Bucket.Tree tree = tree(1).file("db/full/a.sst", sparse).file("db/full/b.sst", new byte[4 << 20]);
        bucket.point(bucket.publish(tree, snapshot(1), true, Bucket.oneStore(1 << 20)), 1);

        demo.fetch();

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
        bucket.point(bucket.publish(tree, snapshot(1), false, Bucket.oneStore(1 << 20)), 1);
        server.next(Bucket.chunk(zeros), FaultServer.body(ones), FaultServer.cutAfter(1 << 20));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void zerosThatAreNotWhereTheOldCopyHadThemAreWritten() throws Exception {
        byte[] zeros = new byte[2 << 20];
        byte[] ones = new byte[2 << 20];
        Arrays.fill(ones, (byte) 1);
        bucket.point(
                bucket.publish(tree(1).file("db/full/a.sst", zeros), snapshot(1), false, Bucket.oneStore(1 << 20)), 1);
        demo.fetch();
        Files.write(target.resolve("db/full/a.sst"), ones);
        Bucket.Tree second = tree(2).file("db/full/b.sst", zeros);
        bucket.point(bucket.publish(second, snapshot(2), false, Bucket.oneStore(1 << 20)), 2);

        demo.fetch();

        Trees.assertExact(target, second);
    }

    @Test
    void aChunkThatIsAlreadyInOnePlaceIsCopiedToOthers() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/a.sst", TABLE);
        Bucket.Tree second = tree(2).file("db/full/a.sst", TABLE).file("db/full/b.sst", TABLE);
        restoreBoth(first, second);

        assertThat(server.chunksAskedFor()).containsExactly(Bucket.chunk(current(2)));
    }

    @Test
    void renamedFilesAreNotFetched() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/000001.sst", TABLE).file("db/full/000002.sst", OTHER);
        Bucket.Tree second = tree(2).file("db/full/000007.sst", TABLE).file("db/full/000002.sst", OTHER);
        FetchOutcome outcome = restoreBoth(first, second);

        assertThat(server.chunksAskedFor()).containsExactly(Bucket.chunk(current(2)));
        assertThat(outcome.bytesKept()).isEqualTo(TABLE.length + OTHER.length);
    }

    @Test
    void whatOnlySeemsToBeElsewhereIsFetched() throws Exception {
        Bucket.Tree first = tree(1).file("db/full/000001.sst", TABLE);
        Bucket.Tree second = tree(2).file("db/full/000007.sst", TABLE);
        demo.publishLatest(first, 1);
        demo.fetch();
        byte[] changed = TABLE.clone();
        changed[1500] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), changed);
        demo.publishLatest(second, 2);
        server.forgetRequests();

        demo.fetch();

        Trees.assertExact(target, second);
        assertThat(server.chunksAskedFor())
                .containsExactlyInAnyOrder(
                        Bucket.chunk(Arrays.copyOfRange(TABLE, 1000, 2000)), Bucket.chunk(current(2)));
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
        demo.publishLatest(tree(1).file("db/full/a.sst", TABLE).file("db/full/b.sst", OTHER), 1);
        demo.fetch();
        ageAndFetchAgain();
        Bucket.Tree second = tree(2).file("db/full/a.sst", changed).file("db/full/b.sst", OTHER);
        demo.publishLatest(second, 2);
        List<String> remembered = new CopyOnWriteArrayList<>();
        server.next(Bucket.chunk(Arrays.copyOfRange(changed, 1000, 2000)), (exchange, content) -> {
            remembered.add(note());
            exchange.sendResponseHeaders(503, -1);
        });

        demo.fetch();

        assertThat(remembered).singleElement().asString().contains("b.sst").doesNotContain("a.sst");
        Trees.assertExact(target, second);
    }

    private String note() throws IOException {
        Path notes = demo.state().resolve("files");
        return Files.readString(notes.resolve(Trees.list(notes).get(0)));
    }

    @Test
    void tablesThatWereLeftAloneAreNotReadAgainUnlessThatIsAskedFor() throws Exception {
        Bucket.Tree tree = tree(1).file("db/full/a.sst", TABLE).file("db/full/b.log", OTHER);
        demo.publishLatest(tree, 1);
        demo.fetch();
        ageAndFetchAgain();

        assertThat(demo.fetch().bytesRecognised()).isEqualTo(TABLE.length);
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
        assertThat(demo.fetch().changed()).isFalse();
        assertThat(checked().changed()).isTrue();
        Trees.assertExact(target, tree);
    }

    @Test
    void aTableThatWasWrittenToIsReadAgain() throws Exception {
        Bucket.Tree tree = tree(1).file("db/full/a.sst", TABLE).file("db/full/b.sst", OTHER);
        demo.publishLatest(tree, 1);
        demo.fetch();
        ageAndFetchAgain();
        byte[] changed = TABLE.clone();
        changed[7] ^= 1;
        Files.write(target.resolve("db/full/a.sst"), changed);

        FetchOutcome outcome = demo.fetch();

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
        demo.fetch();
        ageAndFetchAgain();

        assertThat(demo.fetch().bytesRecognised()).isZero();
    }

    private FetchOutcome restoreBoth(Bucket.Tree first, Bucket.Tree second) throws Exception {
        demo.publishLatest(first, 1);
        demo.fetch();
        demo.publishLatest(second, 2);
        server.forgetRequests();
        FetchOutcome outcome = demo.fetch();
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
        assertThat(demo.fetch().changed()).isFalse();
    }

    private FetchOutcome checked() throws Exception {
        return demo.client().fetchEveryByte(demo.url(), target);
    }

    private static byte[] current(int number) {
        return ("MANIFEST-00000" + number + "\n").getBytes(US_ASCII);
    }

    private static Bucket.Tree tree(int number) {
        return new Bucket.Tree().file("db/full/CURRENT", current(number));
    }
}
