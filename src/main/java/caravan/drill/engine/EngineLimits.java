package caravan.drill.engine;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a reading process may take of this machine.
 *
 * @param memory bytes; one that takes more is ended
 * @param deadline how long one question may take
 * @param threads how many questions it works on at once
 */
public record EngineLimits(long memory, Duration deadline, int threads) {

    /** Checks the numbers. */
    public EngineLimits {
        requireNonNull(deadline, "deadline");
        if (memory <= 0 || threads < 1) {
            throw new IllegalArgumentException("a reading process needs memory and a thread");
        }
    }
}
