package caravan.pace;

import java.util.concurrent.TimeUnit;

/** Time that passes only when somebody sleeps, and then at once. */
public final class FakeTime implements Waiting {

    private long now = Long.MAX_VALUE - 5; // a clock that is about to overflow, as nanoTime may be
    private long slept;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized void sleep(long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        now += nanos;
        slept += nanos;
    }

    /** Lets time pass that nobody slept. */
    public synchronized void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** Milliseconds slept since the last call. */
    public synchronized long sleptMillis() {
        long millis = TimeUnit.NANOSECONDS.toMillis(slept);
        slept = 0;
        return millis;
    }
}
