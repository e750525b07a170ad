package caravan.warm;

/**
 * Times in buckets whose width is an eighth of their value at most, so that quantiles of any number of them take a
 * fixed and small memory. Not safe for many threads.
 */
final class LatencyHistogram {

    private static final int PARTS = 8;

    private static final int PART_BITS = 3;

    private final long[] counts = new long[(Long.SIZE - PART_BITS) * PARTS];

    private long total;

    void add(long nanos) {
        counts[bucketOf(micros(nanos))]++;
        total++;
    }

    /**
     * Microseconds that {@code share} of the times do not exceed, rounded up by an eighth at most; 0 if there are none.
     */
    long quantileMicros(double share) {
        long rank = (long) Math.ceil(share * total);
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (total > 0 && seen >= Math.max(rank, 1)) {
                return largestIn(bucket);
            }
        }
        return 0;
    }

    private static long micros(long nanos) {
        return Math.max(0, nanos) / 1000;
    }

    private static int bucketOf(long micros) {
        if (micros < PARTS) {
            return (int) micros;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
        int part = (int) (micros >>> (exponent - PART_BITS)) & (PARTS - 1);
        return (exponent - PART_BITS + 1) * PARTS + part;
    }

    private static long largestIn(int bucket) {
        if (bucket < PARTS) {
            return bucket;
        }
        int shift = bucket / PARTS - 1;
        return ((long) (PARTS + bucket % PARTS + 1) << shift) - 1;
    }
}
