package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who brings a chunk that stands in four places, of which some are looked at while others already ask for it. */
class LocalCopiesTest {

    private static final byte[] CONTENT = Trees.bytes(1000, 1);
    private static final ChunkRef CHUNK = new ChunkRef(Digest.of(CONTENT), CONTENT.length, StoredAs.PLAIN);
    private static final LocalCopies.Place FIRST = place("a.sst");
    private static final LocalCopies.Place SECOND = place("b.sst");
    private static final LocalCopies.Place THIRD = place("c.sst");
    private static final LocalCopies.Place FOURTH = place("d.sst");
    private static final LocalCopies.Turn FETCH = new LocalCopies.Turn.Fetch();
    private static final LocalCopies.Turn LATER = new LocalCopies.Turn.Later();

    @TempDir
    Path directory;

    @Test
    void oneFetchesAndTheOthersWaitForIt() throws Exception {
        LocalCopies copies = find(number -> false, number -> false);

        assertThat(copies.turn(CHUNK, FIRST)).isEqualTo(FETCH);
        assertThat(copies.turn(CHUNK, SECOND)).isEqualTo(LATER);
        assertThat(copies.settled(CHUNK, FIRST)).containsExactly(SECOND);
        assertThat(copies.turn(CHUNK, THIRD)).isEqualTo(new LocalCopies.Turn.Copy(FIRST, true));
    }

    @Test
    void whatIsInPlaceIsCopied() throws Exception {
        LocalCopies copies = find(number -> number == 2, number -> false);

        assertThat(copies.turn(CHUNK, FIRST)).isEqualTo(new LocalCopies.Turn.Copy(THIRD, true));
    }

    @Test
    void whileItMayBeSomewhereNobodyFetches() throws Exception {
        LocalCopies copies = find(number -> false, number -> number == 1);

        assertThat(copies.turn(CHUNK, FIRST)).isEqualTo(LATER);
        assertThat(copies.turn(CHUNK, THIRD)).isEqualTo(LATER);
        assertThat(copies.settled(CHUNK, SECOND)).containsExactly(FIRST, THIRD);
        assertThat(copies.turn(CHUNK, FOURTH)).isEqualTo(new LocalCopies.Turn.Copy(SECOND, true));
    }

    @Test
    void whereItWasNotAfterAllItIsFetchedForAllWhoWait() throws Exception {
        LocalCopies copies = find(number -> false, number -> number == 1);
        copies.turn(CHUNK, FIRST);

        copies.disproved(CHUNK);

        assertThat(copies.turn(CHUNK, SECOND)).isEqualTo(FETCH);
        assertThat(copies.turn(CHUNK, THIRD)).isEqualTo(LATER);
        assertThat(copies.settled(CHUNK, SECOND)).containsExactly(FIRST, THIRD);
    }

    @Test
    void ofSeveralPlacesWhereItWasNotTheLastOneFetches() throws Exception {
        LocalCopies copies = find(number -> false, number -> number == 1 || number == 2);

        copies.disproved(CHUNK);
        assertThat(copies.turn(CHUNK, SECOND)).isEqualTo(LATER);
        copies.disproved(CHUNK);
        assertThat(copies.turn(CHUNK, THIRD)).isEqualTo(FETCH);
        assertThat(copies.settled(CHUNK, THIRD)).containsExactly(SECOND);
    }

    @Test
    void oneFoundPlaceServesOthersWhereItWasNot() throws Exception {
        LocalCopies copies = find(number -> false, number -> number == 1 || number == 2);

        copies.disproved(CHUNK);
        assertThat(copies.turn(CHUNK, SECOND)).isEqualTo(LATER);
        assertThat(copies.settled(CHUNK, THIRD)).containsExactly(SECOND);
    }

    /** The chunk's numbers are those of its four places, in order. */
    private LocalCopies find(IntPredicate holds, IntPredicate doubts) throws Exception {
        Bucket bucket = new Bucket(directory.resolve("bucket"), SigningKey.generate(), Client.NOW);
        Bucket.Tree tree = new Bucket.Tree();
        for (String name : new String[] {"a", "b", "c", "d"}) {
            tree.file("db/full/" + name + ".sst", CONTENT);
        }
        SnapshotRecord record =
                bucket.publish(tree, snapshot(1), false, store("db/full", Engine.UNKNOWN, CONTENT.length));
        ManifestFile manifest = new ManifestFile(
                bucket.root().resolve(BucketPaths.ofSnapshot(Bucket.DATABASE, snapshot(1), BucketPaths.MANIFEST)),
                record.manifest().digest(),
                "of the test");
        return LocalCopies.find(manifest, holds, doubts, Optional.empty());
    }

    private static LocalCopies.Place place(String name) {
        return new LocalCopies.Place("db/full/" + name, 0);
    }
}
