package caravan.retain;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What is kept, and what asks for a second word.
 *
 * @param keepLast how many of the newest snapshots of each database are kept whatever was promised; at least 1
 * @param grace how long a chunk that nothing needs is left where it is; positive
 * @param largestShare per cent of the chunks' bytes of which more are not deleted without a token
 */
public record RetentionRules(int keepLast, Duration grace, int largestShare) {

    /** Refuses rules that keep nothing. */
    public RetentionRules {
        requireNonNull(grace, "grace");
        if (keepLast < 1 || grace.isZero() || grace.isNegative() || largestShare < 1 || largestShare > 100) {
            throw new IllegalArgumentException(
                    "no rules of retention: " + keepLast + ", " + grace + ", " + largestShare);
        }
    }
}
