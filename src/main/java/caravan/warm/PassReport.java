package caravan.warm;

/**
 * What one look at objects through one vantage came to.
 *
 * @param objects that came whole, from the place that was meant
 * @param bytes of them
 * @param hits of them that the cache had
 * @param misses of them that it had to fetch; the rest did not say
 * @param millis that the look took, with as many connections at once as are set
 * @param firstByteP50Micros time to the first byte that half of the objects needed at most
 * @param firstByteP95Micros time to the first byte that 95 of 100 objects needed at most
 */
public record PassReport(
        long objects,
        long bytes,
        long hits,
        long misses,
        long millis,
        long firstByteP50Micros,
        long firstByteP95Micros) {

    /** Nobody looked. */
    public static final PassReport NONE = new PassReport(0, 0, 0, 0, 0, 0, 0);

    /** Checks that the numbers can be. */
    public PassReport {
        if (objects < 0
                || bytes < 0
                || hits < 0
                || misses < 0
                || millis < 0
                || firstByteP50Micros < 0
                || firstByteP95Micros < firstByteP50Micros
                || hits > objects - misses) {
            throw new IllegalArgumentException("the numbers of a look do not go together");
        }
    }

    /** Bytes per second of all connections together; 0 if nothing came. */
    public long bytesPerSecond() {
        return (long) (bytes * 1000.0 / Math.max(millis, 1));
    }

    /** Share of hits among the objects whose answer said whether it was one; 0 if none did. */
    public double hitRatio() {
        return hits + misses == 0 ? 0 : (double) hits / (hits + misses);
    }
}
