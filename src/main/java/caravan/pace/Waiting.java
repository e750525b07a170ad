package caravan.pace;

import java.util.concurrent.TimeUnit;

/** A clock and a way to let time pass, so that a test can do without both. */
public interface Waiting {

    /** The real ones. */
    Waiting REAL = new Waiting() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    };

    /** As {@link System#nanoTime}. */
    long nanoTime();

    /** Returns when {@code nanos} nanoseconds have passed, at once if that is not above zero. */
    void sleep(long nanos) throws InterruptedException;
}
