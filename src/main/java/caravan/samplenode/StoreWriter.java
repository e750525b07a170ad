package caravan.samplenode;

import static java.util.Objects.requireNonNull;

import caravan.failure.FailedException;
import caravan.pace.ThreadEnd;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * Writes one store at a steady rate until told to stop.
 *
 * <p>A writer that fell behind by more than a second, for example because it was frozen, does not catch up.
 */
final class StoreWriter implements Runnable {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final SampleStore store;
    private final double batchesPerSecond;
    private final long lastHeight;
    private final LongConsumer committed;
    private final AtomicReference<FailedException> failure = new AtomicReference<>();
    private volatile boolean stopped;

    /**
     * @param batchesPerSecond zero for none
     * @param lastHeight after which to end
     * @param committed called in the writer's thread with each new head
     */
    StoreWriter(SampleStore store, double batchesPerSecond, long lastHeight, LongConsumer committed) {
        this.store = requireNonNull(store, "store");
        this.batchesPerSecond = batchesPerSecond;
        this.lastHeight = lastHeight;
        this.committed = requireNonNull(committed, "committed");
    }

    @Override
    public void run() {
        try {
            long due = System.nanoTime();
            while (!stopped && store.head() < lastHeight) {
                if (batchesPerSecond == 0) {
                    LockSupport.park(this);
                    continue;
                }
                long early = due - System.nanoTime();
                if (early > 0) {
                    LockSupport.parkNanos(this, early);
                    continue;
                }
                store.commit(1);
                committed.accept(store.head());
                due = (early < -SECOND ? System.nanoTime() : due) + (long) (SECOND / batchesPerSecond);
            }
        } catch (FailedException e) {
            failure.set(e);
        }
    }

    /** Lets {@code thread}, which runs this writer, end after the batch in hand, and waits for it. */
    void stop(Thread thread) {
        stopped = true;
        LockSupport.unpark(thread);
        ThreadEnd.await(List.of(thread));
    }

    /** Ends normally if the writer did not fail. */
    void throwFailure() throws FailedException {
        FailedException cause = failure.get();
        if (cause != null) {
            throw cause;
        }
    }
}
