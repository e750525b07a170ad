package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.Digest;
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
            StoredChunks stored = new StoredChunks(all, Set.of(), Set.of(), 16, turn);
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

        assertThat(new StoredChunks(Set.of(chunk), Set.of(chunk), Set.of(), 0, 0).isKnown(chunk))
                .isFalse();
    }

    @Test
    void chunkThatADrillFoundBadIsNeverTakenForStored() {
        Digest chunk = Digest.of(new byte[] {1});

        assertThat(new StoredChunks(Set.of(chunk), Set.of(), Set.of(chunk), 0, 0).isKnown(chunk))
                .isFalse();
    }

    @Test
    void chunkOfNoPublishedSnapshotIsNotKnown() {
        assertThat(new StoredChunks(Set.of(), Set.of(), Set.of(), 0, 0).isKnown(Digest.OF_NOTHING))
                .isFalse();
    }
}
