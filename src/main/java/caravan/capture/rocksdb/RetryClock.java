package caravan.capture.rocksdb;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Time and chance, as far as a capture needs them. */
public interface RetryClock {

    /** The machine's. */
    RetryClock SYSTEM = new RetryClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void pause(long nanos) throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }

        @Override
        public double chance() {
            return ThreadLocalRandom.current().nextDouble();
        }
    };

    /** Nanoseconds from some point in time. */
    long nanoTime();

    /** Returns after {@code nanos} nanoseconds. */
    void pause(long nanos) throws InterruptedException;

    /** A number from 0 inclusive to 1 exclusive. */
    double chance();
}
