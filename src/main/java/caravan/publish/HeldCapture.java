package caravan.publish;

import caravan.capture.CapturedDatabase;
import caravan.failure.CaravanException;
import caravan.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A capture that is held while its chunks are stored: what it has, which of its chunks are, and when it has been held
 * for too long. Closing it gives back what it keeps of the node's deleted files, and forgets which chunks are stored.
 *
 * <p>Many threads may enter chunks and ask whether it is overdue; the rest is for one thread at a time, as stages
 * follow one another.
 */
final class HeldCapture implements AutoCloseable {

    private final CapturedDatabase capture;

    private final SnapshotId snapshot;

    private final ChunkLedger ledger;

    private final Instant until;

    private CapturedStores stores;

    private volatile boolean sentAny;

    private volatile boolean overdue;

    private HeldCapture(
            CapturedDatabase capture, SnapshotId snapshot, CapturedStores stores, ChunkLedger ledger, Instant until) {
        this.capture = capture;
        this.snapshot = snapshot;
        this.stores = stores;
        this.ledger = ledger;
        this.until = until;
    }

    /**
     * Holds {@code captured}, of which nothing is stored yet. If that fails, it is given back.
     *
     * @param snapshot what it becomes
     * @param until when it has been held for too long; {@link Instant#MAX} for never
     * @param journal file that takes down which chunks are stored
     * @param hashes learns of every file whose content cannot change any more
     */
    @SuppressWarnings("MustBeClosedChecker")
    static HeldCapture hold(
            CapturedDatabase captured, SnapshotId snapshot, Instant until, Path journal, HashCache hashes)
            throws IOException {
        try {
            CapturedStores stores = CapturedStores.of(captured);
            ChunkLedger ledger = new ChunkLedger(captured, stores, ChunkJournal.create(journal), hashes);
            return new HeldCapture(captured, snapshot, stores, ledger, until);
        } catch (IOException | RuntimeException e) {
            try {
                captured.close();
            } catch (IOException | RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    CapturedDatabase capture() {
        return capture;
    }

    SnapshotId snapshot() {
        return snapshot;
    }

    CapturedStores stores() {
        return stores;
    }

    ChunkLedger ledger() {
        return ledger;
    }

    /** States of every RocksDB that the checksums of its tables were found right, too. */
    void tablesAreProven() {
        stores = stores.withProvenTables();
    }

    /** Writes down that a chunk is stored. Called once for each. */
    void enter(NamedChunk chunk) throws CaravanException {
        ledger.enter(chunk);
        if (chunk.isSent()) {
            sentAny = true;
        }
    }

    /** Whether every chunk is entered. */
    boolean isStored() {
        return ledger.entered() == ledger.chunks();
    }

    /**
     * Whether it is to be given back, stored or not. Once it is, it stays so. It never is before a chunk of it was
     * sent: each capture brings the next one nearer to its end.
     */
    boolean isOverdue(Instant now) {
        if (!overdue && sentAny && now.isAfter(until)) {
            overdue = true;
        }
        return overdue;
    }

    /** Whether {@link #isOverdue} found that it is, so that chunks were left out. */
    boolean wasFoundOverdue() {
        return overdue;
    }

    @Override
    public void close() throws IOException {
        try {
            ledger.close();
        } finally {
            capture.close();
        }
    }
}
