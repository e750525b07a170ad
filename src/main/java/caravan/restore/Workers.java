package caravan.restore;

import caravan.failure.CaravanException;
import caravan.pace.ThreadEnd;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A fixed number of threads that run tasks from a short queue. The first task that fails ends all of it: the others are
 * interrupted, and the failure comes out of the next {@link #put} or of {@link #finish}.
 *
 * <p>One thread finishes, when nobody submits any more.
 */
final class Workers implements AutoCloseable {

    private static final Task END = scratch -> {};

    private final BlockingQueue<Task> queue;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Runnable onFailure;

    /**
     * Starts the threads.
     *
     * @param onFailure called once when a task fails, to end what cannot be interrupted
     */
    Workers(int count, Runnable onFailure) {
        this.onFailure = onFailure;
        this.queue = new ArrayBlockingQueue<>(2 * count);
        for (int number = 1; number <= count; number++) {
            Thread thread = new Thread(this::work, "chunk-" + number);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** One piece of work. */
    @FunctionalInterface
    interface Task {
        void run(Scratch scratch) throws CaravanException, InterruptedException;
    }

    /**
     * Does as {@link #put}.
     *
     * @throws InterruptedIOException if interrupted, in the form that a {@link caravan.manifest.ManifestVisitor} can
     *     pass
     */
    void submit(Task task) throws CaravanException, InterruptedIOException {
        try {
            put(task);
        } catch (InterruptedException e) {
            InterruptedIOException interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }

    /** Hands over a task; waits while the queue is full. */
    void put(Task task) throws CaravanException, InterruptedException {
        do {
            throwFailure();
        } while (!queue.offer(task, 100, TimeUnit.MILLISECONDS));
    }

    /** Fails if a task failed. */
    void requireSound() throws CaravanException {
        throwFailure();
    }

    /** Returns when all tasks are done. Nothing can be submitted any more. */
    void finish() throws CaravanException, InterruptedException {
        for (int end = 0; end < threads.size(); end++) {
            put(END);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        throwFailure();
    }

    /** Ends the threads without waiting for tasks that are still queued. */
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        ThreadEnd.await(threads);
    }

    private void work() {
        Scratch scratch = new Scratch();
        try {
            for (Task task = queue.take(); task != END && failure.get() == null; task = queue.take()) {
                task.run(scratch);
            }
        } catch (CaravanException | RuntimeException | Error e) {
            fail(e);
        } catch (InterruptedException e) {
            // told to end by close, or by the failure of another
            Thread.currentThread().interrupt();
        }
    }

    private void fail(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            onFailure.run();
            threads.forEach(Thread::interrupt);
        }
    }

    private void throwFailure() throws CaravanException {
        Throwable cause = failure.get();
        if (cause instanceof CaravanException known) {
            throw known;
        }
        if (cause != null) {
            throw new IllegalStateException("a worker failed", cause);
        }
    }
}
