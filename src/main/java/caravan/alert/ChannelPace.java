package caravan.alert;

import java.time.Duration;
import java.time.Instant;

/** When a channel may be tried again: pauses double while it fails. Not safe for many threads. */
final class ChannelPace {

    private static final Duration FIRST = Duration.ofSeconds(2);

    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** A channel that asks for more than this is asked again all the same. */
    private static final Duration MOST_PATIENT = Duration.ofHours(1);

    private Duration pause = Duration.ZERO;

    private Instant next = Instant.MIN;

    boolean isDue(Instant now) {
        return !now.isBefore(next);
    }

    /** Whether the last attempt did not fail. */
    boolean isFresh() {
        return pause.isZero();
    }

    void succeeded() {
        pause = Duration.ZERO;
        next = Instant.MIN;
    }

    /** Waits longer than before, and at least as long as the channel asks for. Returns how long. */
    Duration failed(Instant now, Duration asked) {
        pause = pause.isZero() ? FIRST : shorter(pause.multipliedBy(2), LONGEST);
        Duration patience = shorter(asked, MOST_PATIENT);
        Duration wait = patience.compareTo(pause) > 0 ? patience : pause;
        next = now.plus(wait);
        return wait;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
