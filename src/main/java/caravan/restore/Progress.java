package caravan.restore;

import caravan.restore.source.SourcePool;
import caravan.restore.source.SourceReport;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** How far the work is: counted by the workers, read at any time by who shows it. Safe for use by many threads. */
public final class Progress {

    /** What is being done. */
    public enum Phase {
        /** Reading pointer, record and manifest. */
        FINDING,
        /** Hashing what is on the disk. */
        CHECKING,
        /** Measuring what the sources deliver. */
        PROBING,
        /** Fetching chunks, and hashing those that may be on the disk. */
        FETCHING,
        /** Waiting for the disk. */
        SYNCING,
        /** Nothing any more. */
        DONE
    }

    private volatile Phase phase = Phase.FINDING;
    private volatile Supplier<List<SourceReport>> sources = List::of;
    private final AtomicLong totalBytes = new AtomicLong();
    private final AtomicLong bytesToCheck = new AtomicLong();
    private final LongAdder checkedBytes = new LongAdder();
    private final LongAdder keptBytes = new LongAdder();
    private final LongAdder recognisedBytes = new LongAdder();
    private final LongAdder placedBytes = new LongAdder();
    private final LongAdder arrivedBytes = new LongAdder();

    void comesFrom(SourcePool pool) {
        sources = pool::reports;
    }

    /** What each source has delivered so far; nothing until they are asked. */
    public List<SourceReport> sources() {
        return sources.get();
    }

    void enter(Phase next) {
        phase = next;
    }

    void expect(long bytes) {
        totalBytes.set(bytes);
    }

    void expectChecks(long bytes) {
        bytesToCheck.set(bytes);
    }

    void checked(long bytes) {
        checkedBytes.add(bytes);
    }

    /** Counting of what was found good begins anew, for another phase. */
    void forgetKept() {
        keptBytes.reset();
        recognisedBytes.reset();
    }

    void kept(long bytes) {
        keptBytes.add(bytes);
    }

    void recognised(long bytes) {
        recognisedBytes.add(bytes);
    }

    void placed(long bytes) {
        placedBytes.add(bytes);
    }

    void arrived(long bytes) {
        arrivedBytes.add(bytes);
    }

    /** What is being done. */
    public Phase phase() {
        return phase;
    }

    /** Bytes of the whole snapshot; 0 until its manifest is read. */
    public long totalBytes() {
        return totalBytes.get();
    }

    /** Bytes on the disk of which only a hash tells whether they are right; hashed while others are fetched. */
    public long bytesToCheck() {
        return bytesToCheck.get();
    }

    /** How many of {@link #bytesToCheck} are hashed. */
    public long checkedBytes() {
        return checkedBytes.sum();
    }

    /** Bytes that were found on the disk and are right. */
    public long keptBytes() {
        return keptBytes.sum();
    }

    /** Of {@link #keptBytes}, those whose files were recognised by name, size and time and not read. */
    public long recognisedBytes() {
        return recognisedBytes.sum();
    }

    /** Bytes of chunks that were fetched, verified and written. */
    public long placedBytes() {
        return placedBytes.sum();
    }

    /** Bytes of chunks that came over the network, those of failed attempts included. */
    public long arrivedBytes() {
        return arrivedBytes.sum();
    }
}
