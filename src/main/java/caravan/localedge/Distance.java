package caravan.localedge;

import java.time.Duration;

/**
 * How far an edge is from its origin. It is paid by each request to the origin and by nothing else: an answer from the
 * edge's own disk goes out as fast as this machine can.
 *
 * @param roundTrip passes before the first byte of each answer of the origin
 * @param bytesPerSecond most that one request to the origin gets; 0 for no limit
 */
public record Distance(Duration roundTrip, long bytesPerSecond) {

    /** The origin is beside the edge. */
    public static final Distance NONE = new Distance(Duration.ZERO, 0);

    /** Checks both. */
    public Distance {
        if (roundTrip.isNegative() || bytesPerSecond < 0) {
            throw new IllegalArgumentException("a distance is not below zero");
        }
    }

    /** A distance in the units in which people know it. */
    public static Distance of(int roundTripMillis, int megabytesPerSecond) {
        return new Distance(Duration.ofMillis(roundTripMillis), megabytesPerSecond * 1_000_000L);
    }
}
