package caravan.capture.rocksdb;

import java.time.Duration;

/**
 * How often and how long a capture is tried: pauses grow from 0.2 ms to 20 ms, each between half and one and a half of
 * its length, so that two regular rhythms do not keep meeting.
 */
final class Patience {

    static final int MAX_TRIES = 400;

    static final Duration MAX_TIME = Duration.ofSeconds(60);

    private static final long SHORTEST_PAUSE_NANOS = 200_000;
    private static final long LONGEST_PAUSE_NANOS = 20_000_000;

    private final RetryClock clock;
    private final long startedAt;
    private int tries;
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    Patience(RetryClock clock) {
        this.clock = clock;
        this.startedAt = clock.nanoTime();
    }

    /** Counts a try that failed, and pauses before the next one; false if there should be none. */
    boolean tryAgain() throws InterruptedException {
        tries++;
        if (tries >= MAX_TRIES || clock.nanoTime() - startedAt >= MAX_TIME.toNanos()) {
            return false;
        }
        clock.pause((long) (pauseNanos * (0.5 + clock.chance())));
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        return true;
    }

    /** The next pause is a short one again. */
    void begin() {
        pauseNanos = SHORTEST_PAUSE_NANOS;
    }

    int failedTries() {
        return tries;
    }

    Duration elapsed() {
        return Duration.ofNanos(clock.nanoTime() - startedAt);
    }
}
