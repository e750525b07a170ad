package caravan.watch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When a database is published.
 *
 * @param quiet how long nothing may have been written before a change is published off schedule; zero for never
 * @param minInterval shortest time between two captures; zero for none. A trigger file may come sooner
 * @param publishUnchanged whether the schedule publishes also when nothing changed
 */
public record WatchRules(Duration quiet, Duration minInterval, boolean publishUnchanged) {

    /** How often a database is looked at, at most and at least, while its quiet is waited for. */
    private static final Duration MOST_OFTEN = Duration.ofMillis(500);

    private static final Duration LEAST_OFTEN = Duration.ofSeconds(30);

    /** Checks that nothing is negative. */
    public WatchRules {
        requireNonNull(quiet, "quiet");
        requireNonNull(minInterval, "minInterval");
        if (quiet.isNegative() || minInterval.isNegative()) {
            throw new IllegalArgumentException("times are not negative");
        }
    }

    /** Whether the database is to be looked at between its schedules. */
    public boolean waitsForQuiet() {
        return !quiet.isZero();
    }

    /** How long to wait between two looks: a third of the quiet, so that it is noticed soon after it is over. */
    public Duration lookEvery() {
        Duration third = quiet.dividedBy(3);
        return third.compareTo(MOST_OFTEN) < 0 ? MOST_OFTEN : third.compareTo(LEAST_OFTEN) > 0 ? LEAST_OFTEN : third;
    }
}
