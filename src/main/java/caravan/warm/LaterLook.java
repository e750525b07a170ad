package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/**
 * What a sample of the objects that a region had was like some time later: caches forget what is seldom asked for.
 *
 * @param after the warm-up of the region, as it was meant
 * @param at when the look was over, in whole seconds
 * @param objects that came whole
 * @param hits of them that the cache still had
 * @param misses of them that it had to fetch again; the rest did not say
 */
public record LaterLook(Duration after, Instant at, long objects, long hits, long misses) {

    /** Checks that the numbers can be. */
    public LaterLook {
        requireNonNull(at, "at");
        if (after.isNegative() || objects < 0 || hits < 0 || misses < 0 || hits > objects - misses) {
            throw new IllegalArgumentException("the numbers of a later look do not go together");
        }
    }

    /** What {@code pass} saw. */
    public static LaterLook of(Duration after, Instant at, PassReport pass) {
        return new LaterLook(after, at, pass.objects(), pass.hits(), pass.misses());
    }

    /** Share of hits among the objects whose answer said whether it was one; 0 if none did. */
    public double hitRatio() {
        return hits + misses == 0 ? 0 : (double) hits / (hits + misses);
    }
}
