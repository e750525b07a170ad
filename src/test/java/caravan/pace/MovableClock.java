package caravan.pace;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that stands until a test moves it. Safe for many threads that read it. */
public final class MovableClock extends Clock {

    private volatile Instant now;

    /** A clock that shows {@code now}. */
    public MovableClock(Instant now) {
        this.now = now;
    }

    /** Moves it on. */
    public void advance(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.fixed(now, zone);
    }
}
