package caravan.pace;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The real clock, whose waits all end when {@link #stop} is called: those that are under way and those that come later
 * throw {@link InterruptedException}, as if each thread had been interrupted. Who need not wait is not held up. Safe
 * for use by many threads.
 */
public final class StoppableWaiting implements Waiting {

    private final CountDownLatch stopped = new CountDownLatch(1);

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void sleep(long nanos) throws InterruptedException {
        if (nanos > 0 && stopped.await(nanos, TimeUnit.NANOSECONDS)) {
            throw new InterruptedException("the program is stopping");
        }
    }

    /** Ends all waits, now and from now on. */
    public void stop() {
        stopped.countDown();
    }

    /** Whether {@link #stop} was called. */
    public boolean isStopped() {
        return stopped.getCount() == 0;
    }
}
