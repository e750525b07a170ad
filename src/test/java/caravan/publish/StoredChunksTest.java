package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StoredChunksTest {

    @Test
    void everyKnownChunkIsAskedForOnceInSoManyTurns() {
        Set<Digest> all = new HashSet<>();
        for (int number = 0; number < 500; number++) {
            all.add(Digest.of(new byte[] {(byte) number, (byte) (number >> 8)}));
        }
        Set<Digest> asked = new HashSet<>();

        for (long turn = 41; turn < 41 + 16; turn++) {
            StoredChunks stored = new StoredChunks(published(all), Set.of(), Set.of(), 16, turn);
            for (Digest chunk : all) {
                if (!stored.isKnown(chunk)) {
                    assertThat(asked.add(chunk)).as("asked for once").isTrue();
                }
            }
        }

        assertThat(asked).isEqualTo(all);
    }

    @Test
    void condemnedChunkIsNeverTakenForStored() {
        Digest chunk = Digest.of(new byte[] {1});

        assertThat(new StoredChunks(published(Set.of(chunk)), Set.of(chunk), Set.of(), 0, 0).isKnown(chunk))
                .isFalse();
    }

    @Test
    void chunkThatADrillFoundBadIsNeverTakenForStored() {
        Digest chunk = Digest.of(new byte[] {1});

        assertThat(new StoredChunks(published(Set.of(chunk)), Set.of(), Set.of(chunk), 0, 0).isKnown(chunk))
                .isFalse();
    }

    @Test
    void chunkOfNoPublishedSnapshotIsNotKnown() {
        assertThat(new StoredChunks(published(Set.of()), Set.of(), Set.of(), 0, 0).isKnown(Digest.OF_NOTHING))
                .isFalse();
    }

    @Test
    void chunkIsKnownInTheFormInWhichItIsStored() {
        Digest compressed = Digest.of(new byte[] {1});
        Digest plain = Digest.of(new byte[] {2});
        StoredAs frame = new StoredAs.Zstandard(5, Digest.of(new byte[] {3}));
        PublishedForms published = published(Set.of(plain));
        published.add(new ChunkRef(compressed, 100, frame));
        StoredChunks stored = new StoredChunks(published, Set.of(), Set.of(), 0, 0);

        assertThat(stored.formOf(compressed)).contains(frame);
        assertThat(stored.formOf(plain)).contains(StoredAs.PLAIN);
        assertThat(stored.formOf(Digest.OF_NOTHING)).isEmpty();
        assertThat(stored.isKnown(compressed)).isTrue();
    }

    private static PublishedForms published(Set<Digest> chunks) {
        PublishedForms published = new PublishedForms();
        chunks.forEach(chunk -> published.add(ChunkRef.plain(chunk, 1)));
        return published;
    }
}
