package caravan.retain;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

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

    private final List<String> batch = new ArrayList<>();

    private volatile boolean failed;

    private long deleted;

    private long unclear;

    private String lastUnclear = "";

    /** @param once makes one attempt for each call */
    Deletion(ObjectStore once, Lease lease, int batchSize) {
        this.once = once;
        this.lease = lease;
        this.batchSize = batchSize;
    }

    void delete(String key) throws CaravanException, InterruptedException {
        batch.add(key);
        if (batch.size() == batchSize) {
            finish();
        }
    }

    /** Returns when all are deleted, or it is known which are not for sure. */
    void finish() throws CaravanException, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        lease.renew();
        lease.outliveCollector();
        List<Future<?>> calls = new ArrayList<>();
        for (String key : batch) {
            calls.add(threads.submit(() -> {
                remove(key);
                return null;
            }));
        }
        batch.clear();
        CaravanException failure = null;
        for (Future<?> call : calls) {
            try {
                call.get();
                deleted++;
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
    }

    /** After a failure that does not pass, as of keys or a clock that are wrong, nothing more is sent. */
    private void remove(String key) throws CaravanException {
        if (failed) {
            return;
        }
        try {
            lease.requireHeld();
            once.remove(key);
        } catch (TransientException e) {
            throw e;
        } catch (CaravanException | RuntimeException e) {
            failed = true;
            throw e;
        }
    }

    /** How many were deleted. */
    long deleted() {
        return deleted;
    }

    /**
     * Fails if it is not known of each whether it was deleted.
     *
     * @throws TransientException if so
     */
    void requireClear() throws TransientException {
        if (unclear > 0) {
            throw new TransientException(
                    unclear + " of " + (deleted + unclear) + " deletions had no clear answer; the last: " + lastUnclear,
                    "run it again in an hour: until then what was asked for may still be carried out");
        }
    }

    /** What is under way may still be carried out: its chunks stay condemned until the next collection. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
