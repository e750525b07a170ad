package caravan.pace;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;

/**
 * A limit on bytes per second, shared by all threads that take from it.
 *
 * <p>Who takes may go on at once and pays afterwards: the next to take waits until the rate has caught up, so over any
 * time the rate is exceeded by no more than one amount taken. Time that nobody used is not saved up beyond
 * {@value #BURST_MILLIS} ms. Threads get through in the order in which they took.
 */
public final class RateLimit {

    private static final long BURST_MILLIS = 100;

    // Below this the system sleeps longer than asked for; the debt stays and is paid with the next.
    private static final long SHORTEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(1);

    private final double nanosPerByte;
    private final Waiting time;
    private long paidUntil;

    private RateLimit(double nanosPerByte, Waiting time) {
        this.nanosPerByte = nanosPerByte;
        this.time = requireNonNull(time, "time");
        this.paidUntil = time.nanoTime();
    }

    /** At most {@code bytesPerSecond}, which is above zero. */
    public static RateLimit of(long bytesPerSecond, Waiting time) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException("a rate is above zero, not " + bytesPerSecond);
        }
        return new RateLimit((double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond, time);
    }

    /** No limit: taking never waits. */
    public static RateLimit unlimited() {
        return new RateLimit(0, Waiting.REAL);
    }

    /**
     * Waits until it is time for the next {@code bytes}.
     *
     * @throws InterruptedException if interrupted while waiting; the bytes count as taken
     */
    public void take(long bytes) throws InterruptedException {
        if (nanosPerByte == 0) {
            return;
        }
        long wait = reserve(bytes);
        if (wait >= SHORTEST_SLEEP) {
            time.sleep(wait);
        }
    }

    private synchronized long reserve(long bytes) {
        long now = time.nanoTime();
        long oldest = now - TimeUnit.MILLISECONDS.toNanos(BURST_MILLIS);
        long begin = paidUntil - oldest > 0 ? paidUntil : oldest;
        paidUntil = begin + (long) (bytes * nanosPerByte);
        return begin - now;
    }
}
