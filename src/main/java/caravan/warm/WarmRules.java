package caravan.warm;

import java.time.Duration;

/**
 * How hard a region is tried, and when it is given up.
 *
 * @param attempts how often an object is asked for at most, each time after all others had their turn
 * @param sample how many objects are looked at a second time
 * @param deadline for all of one region
 * @param giveUpAfter so many failures in a row, with growing pauses between them, and the region is given up
 * @param firstPause after a failure; each further one in a row doubles it
 * @param longestPause that is made
 */
public record WarmRules(
        int attempts, int sample, Duration deadline, int giveUpAfter, Duration firstPause, Duration longestPause) {

    /** Checks the numbers. */
    public WarmRules {
        if (attempts < 1 || sample < 0 || giveUpAfter < 1) {
            throw new IllegalArgumentException(
                    "an object is asked for once at least, and a region given up after one failure at least");
        }
    }

    /** The same with another number of objects that are looked at a second time. */
    public WarmRules withSample(int objects) {
        return new WarmRules(attempts, objects, deadline, giveUpAfter, firstPause, longestPause);
    }
}
