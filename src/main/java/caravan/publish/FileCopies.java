package caravan.publish;

import caravan.failure.CaravanException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Copies within the store, some at a time: each is a request that moves no bytes here and takes the store a moment. */
final class FileCopies implements AutoCloseable {

    private static final int AT_A_TIME = 8;

    private final ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
    private final Queue<Future<?>> running = new ArrayDeque<>();

    /** One file. */
    @FunctionalInterface
    interface Copy {
        void run() throws CaravanException;
    }

    /** Begins {@code copy} when it is its turn; fails as one before it did. */
    void submit(Copy copy) throws CaravanException, InterruptedException {
        if (running.size() == 2 * AT_A_TIME) {
            join(running.remove());
        }
        running.add(threads.submit(() -> {
            copy.run();
            return null;
        }));
    }

    /** Returns when all are done. */
    void finish() throws CaravanException, InterruptedException {
        while (!running.isEmpty()) {
            join(running.remove());
        }
    }

    private static void join(Future<?> copy) throws CaravanException, InterruptedException {
        try {
            copy.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CaravanException known) {
                throw known;
            }
            throw new IllegalStateException("a copy failed", e.getCause());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
