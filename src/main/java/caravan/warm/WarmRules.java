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
 * @param onlyAgain whether all that is done is a second look, at every object of the plan
 */
public record WarmRules(
        int attempts,
        int sample,
        Duration deadline,
        int giveUpAfter,
        Duration firstPause,
        Duration longestPause,
        boolean onlyAgain) {

    /** Checks the numbers. */
    public WarmRules {
        if (attempts < 1 || sample < 0 || giveUpAfter < 1) {
            throw new IllegalArgumentException(
                    "an object is asked for once at least, and a region given up after one failure at least");
        }
    }

    /** The same with another number of objects that are looked at a second time. */
    public WarmRules withSample(int objects) {
        return new WarmRules(attempts, objects, deadline, giveUpAfter, firstPause, longestPause, onlyAgain);
    }

    /** The same for a second look alone. */
    public WarmRules again() {
        return new WarmRules(attempts, 0, deadline, giveUpAfter, firstPause, longestPause, true);
    }

    /**
     * The same for a job that nobody waits for after {@code longest}: whoever handed it out does what follows from its
     * result.
     */
    public WarmRules once(boolean looksAgain, Duration longest) {
        Duration sooner = longest.compareTo(deadline) < 0 ? longest : deadline;
        return new WarmRules(1, 0, sooner, giveUpAfter, firstPause, longestPause, looksAgain);
    }
}
