package caravan.retain;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What is kept, and what asks for a second word.
 *
 * @param keepLast how many of the newest snapshots of each database are kept whatever was promised; at least 1
 * @param grace how long a chunk that nothing needs is left where it is; positive
 * @param largestShare per cent of the chunks' bytes of which more are not deleted without a token
 * @param mostSnapshots of one database of which more do not go at once without a token; at least 1
 */
public record RetentionRules(int keepLast, Duration grace, int largestShare, int mostSnapshots) {

    /** Refuses rules that keep nothing. */
    public RetentionRules {
        requireNonNull(grace, "grace");
        boolean isShare = largestShare >= 1 && largestShare <= 100;
        if (keepLast < 1 || grace.isZero() || grace.isNegative() || !isShare || mostSnapshots < 1) {
            throw new IllegalArgumentException(
                    "no rules of retention: " + keepLast + ", " + grace + ", " + largestShare + ", " + mostSnapshots);
        }
    }
}
