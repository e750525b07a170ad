package caravan.warm;

import java.util.concurrent.TimeUnit;

/** Adds up one look at objects. Safe for many threads. */
final class PassTally {

    private final LatencyHistogram firstBytes = new LatencyHistogram();

    private long objects;

    private long bytes;

    private long hits;

    private long misses;

    private long nanos;

    private long runningSince;

    private boolean running;

    synchronized void begin(long now) {
        if (!running) {
            running = true;
            runningSince = now;
        }
    }

    synchronized void pause(long now) {
        if (running) {
            running = false;
            nanos += now - runningSince;
        }
    }

    synchronized void add(Observation seen) {
        objects++;
        bytes += seen.bytes();
        hits += seen.answer().cache() == EdgeAnswer.Cache.HIT ? 1 : 0;
        misses += seen.answer().cache() == EdgeAnswer.Cache.MISS ? 1 : 0;
        firstBytes.add(seen.firstByteNanos());
    }

    synchronized long objects() {
        return objects;
    }

    synchronized PassReport report(long now) {
        long elapsed = nanos + (running ? now - runningSince : 0);
        return new PassReport(
                objects,
                bytes,
                hits,
                misses,
                TimeUnit.NANOSECONDS.toMillis(elapsed),
                firstBytes.quantileMicros(0.5),
                firstBytes.quantileMicros(0.95));
    }
}
