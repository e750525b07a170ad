package caravan.app.pipeline;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that a splitter hands its parts to. */
final class SplitterThreads {

    private SplitterThreads() {}

    /**
     * Exactly {@code count}, and no queue to speak of: the splitter names the next part when one of them is free. They
     * keep no process alive.
     *
     * @param name of each, before its number
     */
    static ExecutorService of(String name, int count) {
        return of(name, count, () -> {});
    }

    /** The same, and each thread does {@code first} before anything else. */
    static ExecutorService of(String name, int count, Runnable first) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                count,
                count,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(count),
                task -> {
                    Thread thread = new Thread(
                            () -> {
                                first.run();
                                task.run();
                            },
                            name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.CallerRunsPolicy());
    }
}
