package caravan.localedge;

import java.util.concurrent.atomic.LongAdder;

/** Counts for {@link EdgeTraffic}; safe for use by many threads. */
final class TrafficCounter {

    private final LongAdder hits = new LongAdder();

    private final LongAdder refreshHits = new LongAdder();

    private final LongAdder misses = new LongAdder();

    private final LongAdder errors = new LongAdder();

    private final LongAdder bytesServed = new LongAdder();

    private final LongAdder originRequests = new LongAdder();

    private final LongAdder bytesFromOrigin = new LongAdder();

    void answered(CacheOutcome outcome) {
        switch (outcome) {
            case HIT -> hits.increment();
            case REFRESH_HIT -> refreshHits.increment();
            case MISS -> misses.increment();
            case ERROR -> errors.increment();
        }
    }

    void served(long bytes) {
        bytesServed.add(bytes);
    }

    void askedOrigin() {
        originRequests.increment();
    }

    void received(long bytes) {
        bytesFromOrigin.add(bytes);
    }

    EdgeTraffic sum() {
        long requests = hits.sum() + refreshHits.sum() + misses.sum() + errors.sum();
        return new EdgeTraffic(
                requests,
                hits.sum(),
                refreshHits.sum(),
                misses.sum(),
                errors.sum(),
                bytesServed.sum(),
                originRequests.sum(),
                bytesFromOrigin.sum());
    }
}
