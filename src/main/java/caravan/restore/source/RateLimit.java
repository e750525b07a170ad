package caravan.restore.source;

/** A brake on all transfers together. Safe for use by many threads; over a few seconds the rate is kept exactly. */
public final class RateLimit {

    /** Does not brake. */
    public static final RateLimit NONE = new RateLimit(0);

    private static final long BURST_NANOS = 100_000_000L;

    private final long bytesPerSecond;
    private long freeAt = System.nanoTime();

    private RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** At most this many bytes a second, at least 1. */
    public static RateLimit of(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("a rate is at least 1 byte a second, not " + bytesPerSecond);
        }
        return new RateLimit(bytesPerSecond);
    }

    /** Returns once {@code bytes} more may have been moved. */
    public void moved(long bytes) throws InterruptedException {
        if (bytesPerSecond == 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            freeAt = Math.max(freeAt, now - BURST_NANOS) + (long) (bytes * 1e9 / bytesPerSecond);
            wait = freeAt - now;
        }
        if (wait > 0) {
            Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        }
    }
}
