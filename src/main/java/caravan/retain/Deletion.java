package caravan.retain;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.retain.RetentionReport.Amount;
import caravan.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Deletes objects, some at a time, while the lease is had. A call whose answer was lost may be carried out later than
 * one thinks, so it is not repeated here: it is remembered that one was.
 */
final class Deletion implements AutoCloseable {

    private static final int AT_A_TIME = 8;

    /** How many between two looks at the lease. */
    static final int BATCH = 500;

    private final ObjectStore once;

    private final Lease lease;

    private final int batchSize;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);

    private final BooleanSupplier stopped;

    private final List<ListedChunks.Chunk> batch = new ArrayList<>();

    private volatile boolean failed;

    private Amount deleted = Amount.NONE;

    private long unclear;

    private String lastUnclear = "";

    /**
     * A deletion of what is given to it.
     *
     * @param once makes one attempt for each call
     * @param stopped whether nothing more is to be sent
     */
    Deletion(ObjectStore once, Lease lease, int batchSize, BooleanSupplier stopped) {
        this.once = once;
        this.lease = lease;
        this.batchSize = batchSize;
        this.stopped = stopped;
    }

    void delete(ListedChunks.Chunk chunk) throws CaravanException, InterruptedException {
        batch.add(chunk);
        if (batch.size() == batchSize) {
            finish();
        }
    }

    /** Returns when all are deleted, or it is known which are not for sure. */
    void finish() throws CaravanException, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        StoppableStore.requireGoing(stopped);
        lease.renew();
        lease.outliveCollector();
        List<Future<Amount>> calls = new ArrayList<>();
        for (ListedChunks.Chunk chunk : batch) {
            calls.add(threads.submit(() -> remove(chunk)));
        }
        batch.clear();
        CaravanException failure = null;
        for (Future<Amount> call : calls) {
            try {
                deleted = deleted.and(call.get());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TransientException later) {
                    unclear++;
                    lastUnclear = later.getMessage();
                } else if (e.getCause() instanceof CaravanException known) {
                    failure = known;
                } else {
                    failure = new FailedException("a deletion failed: " + e.getCause(), "run it again", e.getCause());
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        StoppableStore.requireGoing(stopped);
    }

    /**
     * Deletes one, if it is still to be. After a failure that does not pass, as of keys or a clock that are wrong, nothing
     * more is sent.
     *
     * @return what was deleted
     */
    private Amount remove(ListedChunks.Chunk chunk) throws CaravanException {
        if (failed || stopped.getAsBoolean()) {
            return Amount.NONE;
        }
        try {
            lease.requireHeld();
            once.remove(chunk.key());
            return Amount.NONE.and(chunk.size());
        } catch (TransientException e) {
            throw e;
        } catch (CaravanException | RuntimeException e) {
            failed = true;
            throw e;
        }
    }

    /** What was deleted, as far as it has a clear answer. */
    Amount deleted() {
        return deleted;
    }

    /** Whether everything that was sent has a clear answer. */
    boolean isClear() {
        return unclear == 0 && !failed;
    }

    /**
     * Fails if it is not known of each whether it was deleted.
     *
     * @throws TransientException if so
     */
    void requireClear() throws TransientException {
        if (unclear > 0) {
            throw new TransientException(
                    unclear + " of " + (deleted.objects() + unclear) + " deletions had no clear answer; the last: "
                            + lastUnclear,
                    "run it again in an hour: until then what was asked for may still be carried out");
        }
    }

    /** What is under way may still be carried out: its chunks stay condemned until the next collection. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
