package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.CapturedDatabase;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.snapshot.Digest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a ledger leaves behind, and what stops it. */
final class ChunkLedgerTest {

    private static final int C = FakeCapture.CHUNK;

    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"1500, false", "2500, true"})
    void fileIsRememberedByTheTimeOfItsFirstReadingHoweverLateItIsStored(long ageMillis, boolean remembered)
            throws Exception {
        CapturedDatabase captured = new FakeCapture(directory.resolve("db"))
                .file("000001.sst", new byte[3 * C])
                .modifiedAt(NOW.minusMillis(ageMillis))
                .capture(null);
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"))) {
            try (ChunkLedger ledger = ledger(captured, directory.resolve("journal"), hashes)) {
                for (int part = 0; part < 3; part++) {
                    ledger.isRead(0, NOW.plusSeconds(part));
                }
                for (NamedChunk chunk : chunksOf(captured, 3)) {
                    ledger.enter(chunk);
                }
            }
            assertThat(hashes.find(captured.files().get(0).source(), C).map(List::size))
                    .isEqualTo(remembered ? Optional.of(3) : Optional.empty());
        }
    }

    @Test
    void fullDiskOfTheStateDirectoryIsCalledThat() throws Exception {
        CapturedDatabase captured = new FakeCapture(directory.resolve("db"))
                .file("000001.sst", new byte[3 * C])
                .capture(null);
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"));
                ChunkLedger ledger = ledger(captured, Path.of("/dev/full"), hashes)) {
            NamedChunk first = chunksOf(captured, 1).get(0);

            assertThatThrownBy(() -> ledger.enter(first))
                    .isInstanceOf(FailedException.class)
                    .hasMessage("writing down which chunks are stored, in /dev/full: no space left")
                    .satisfies(failure ->
                            assertThat(((CaravanException) failure).hint()).contains("caravan.state-directory"));
        }
    }

    private static ChunkLedger ledger(CapturedDatabase captured, Path journal, HashCache hashes) throws Exception {
        return new ChunkLedger(captured, CapturedStores.of(captured), ChunkJournal.create(journal), hashes);
    }

    private static List<NamedChunk> chunksOf(CapturedDatabase captured, int count) {
        List<NamedChunk> chunks = new ArrayList<>();
        for (int part = 0; part < count; part++) {
            ChunkSlice slice = new ChunkSlice(null, captured.files().get(0), 0, part, part, (long) part * C, C);
            chunks.add(NamedChunk.plain(slice, Digest.of(new byte[] {(byte) part}), NamedChunk.State.SENT));
        }
        return chunks;
    }
}
