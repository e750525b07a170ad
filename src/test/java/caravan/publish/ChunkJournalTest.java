package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkJournalTest {

    @TempDir
    Path directory;

    @Test
    void chunksAreReadByIndexWhateverTheOrderTheyWereEnteredIn() throws Exception {
        try (ChunkJournal journal = ChunkJournal.create(file())) {
            for (int index = 99; index >= 0; index--) {
                journal.enter(index, chunk(index));
            }
            for (int index = 0; index < 100; index++) {
                assertThat(journal.read(index)).isEqualTo(chunk(index));
            }
        }
    }

    @Test
    void chunkThatWasNeverEnteredIsNotMadeUp() throws Exception {
        try (ChunkJournal journal = ChunkJournal.create(file())) {
            journal.enter(5, chunk(5));

            assertThatThrownBy(() -> journal.read(4)).isInstanceOf(FailedException.class);
            assertThatThrownBy(() -> journal.read(6)).isInstanceOf(FailedException.class);
        }
    }

    @Test
    void damagedSlotIsNotBelieved() throws Exception {
        try (ChunkJournal journal = ChunkJournal.create(file())) {
            journal.enter(0, chunk(0));
            try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
                raw.seek(7);
                int old = raw.read();
                raw.seek(7);
                raw.write(old ^ 1);
            }

            assertThatThrownBy(() -> journal.read(0)).isInstanceOf(FailedException.class);
        }
    }

    private Path file() {
        return directory.resolve("journal");
    }

    /** Every third is compressed. */
    private static JournaledChunk chunk(int number) {
        StoredAs storedAs = number % 3 == 0
                ? new StoredAs.Zstandard(number + 13L, Digest.of(new byte[] {(byte) number, 1}))
                : StoredAs.PLAIN;
        return new JournaledChunk(Digest.of(new byte[] {(byte) number}), storedAs);
    }
}
