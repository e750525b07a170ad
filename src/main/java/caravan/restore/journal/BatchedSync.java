package caravan.restore.journal;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.pace.ThreadEnd;
import caravan.restore.target.LocalFailures;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Brings what a restore writes to the disk while it goes on, again and again, in a thread of its own. */
public final class BatchedSync implements AutoCloseable {

    /** What a power cut may cost beyond the chunks in flight. */
    public static final Duration USUAL_PAUSE = Duration.ofSeconds(1);

    private final RestoreJournal journal;
    private final long pauseMillis;
    private final Thread thread = new Thread(this::work, "sync");
    private boolean ended;
    private Exception failure;

    private BatchedSync(RestoreJournal journal, Duration pause) {
        this.journal = requireNonNull(journal, "journal");
        this.pauseMillis = pause.toMillis();
    }

    /** Begins; goes on until closed. */
    public static BatchedSync start(RestoreJournal journal, Duration pause) {
        BatchedSync sync = new BatchedSync(journal, pause);
        sync.thread.setDaemon(true);
        sync.thread.start();
        return sync;
    }

    /** Fails if something could not be brought to the disk: after that nothing can be believed any more. */
    public synchronized void requireSound() throws CaravanException {
        if (failure instanceof IOException e) {
            throw LocalFailures.of("syncing what was restored", e);
        }
        if (failure != null) {
            throw new IllegalStateException("syncing failed", failure);
        }
    }

    private void work() {
        try {
            while (pause()) {
                journal.sync();
            }
        } catch (IOException | RuntimeException e) {
            fail(e);
        }
    }

    private synchronized void fail(Exception cause) {
        failure = cause;
    }

    /** Whether to go on. */
    private synchronized boolean pause() {
        long end = System.nanoTime() + pauseMillis * 1_000_000;
        try {
            for (long left = pauseMillis; !ended && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            return false;
        }
        return !ended;
    }

    /** Ends after the batch that is under way. */
    @Override
    public void close() {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        ThreadEnd.await(List.of(thread));
    }
}
