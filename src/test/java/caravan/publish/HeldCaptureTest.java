package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.CapturedDatabase;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a capture is held, and that it is given back. */
final class HeldCaptureTest {

    private static final int C = FakeCapture.CHUNK;

    private static final Instant UNTIL = Instant.parse("2026-11-26T08:00:00Z");

    private static final Instant TOO_LATE = UNTIL.plusNanos(1);

    @TempDir
    Path directory;

    private FakeCapture database;

    private CapturedDatabase captured;

    @BeforeEach
    void capture() throws Exception {
        database = new FakeCapture(directory.resolve("db")).file("000001.sst", new byte[3 * C]);
        captured = database.capture(null);
    }

    @Test
    void captureIsNotOverdueBeforeAChunkOfItWasSentHoweverLateItIs() throws Exception {
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"));
                HeldCapture held = hold(directory.resolve("journal"), hashes)) {
            held.enter(chunk(0, NamedChunk.State.REUSED));
            assertThat(held.isOverdue(TOO_LATE)).isFalse();

            held.enter(chunk(1, NamedChunk.State.SENT));
            assertThat(held.isOverdue(UNTIL)).isFalse();
            assertThat(held.wasFoundOverdue()).isFalse();
            assertThat(held.isOverdue(TOO_LATE)).isTrue();
        }
    }

    @Test
    void captureThatWasFoundOverdueStaysSoWhateverTheClockDoes() throws Exception {
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"));
                HeldCapture held = hold(directory.resolve("journal"), hashes)) {
            held.enter(chunk(0, NamedChunk.State.SENT));
            assertThat(held.isOverdue(TOO_LATE)).isTrue();
            assertThat(held.isOverdue(UNTIL)).isTrue();
            assertThat(held.wasFoundOverdue()).isTrue();
            assertThat(held.isStored()).isFalse();
        }
    }

    @Test
    void captureIsGivenBackWhenItIsClosed() throws Exception {
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"))) {
            hold(directory.resolve("journal"), hashes).close();
        }
        assertThat(database.closed()).isTrue();
    }

    @Test
    void captureThatCannotBeHeldIsGivenBack() throws Exception {
        try (HashCache hashes = HashCache.open(directory.resolve("hashes"))) {
            assertThatThrownBy(() -> hold(directory.resolve("missing").resolve("journal"), hashes))
                    .isInstanceOf(IOException.class);
        }
        assertThat(database.closed()).isTrue();
    }

    private HeldCapture hold(Path journal, HashCache hashes) throws IOException {
        return HeldCapture.hold(captured, new SnapshotId(UNTIL, 1), UNTIL, journal, hashes);
    }

    private NamedChunk chunk(int part, NamedChunk.State state) {
        ChunkSlice slice = new ChunkSlice(null, captured.files().get(0), 0, part, part, (long) part * C, C);
        return NamedChunk.plain(slice, Digest.of(new byte[] {(byte) part}), state);
    }
}
