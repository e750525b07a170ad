package caravan.restore.source;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.restore.source.AttemptFailure.Kind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The one owner of second attempts to read an object: exponential pauses with full jitter, what a server asks for in
 * {@code Retry-After}, and an end.
 *
 * <p>Where another source is there to be asked, it is asked at once, and that does not count as an attempt.
 *
 * <p>The last attempt after wrong bytes, or where there was no such object, goes past the caches on the way. Safe for
 * use by many threads.
 */
public final class Retries {

    private static final int MAX_ATTEMPTS = 6;

    private final Duration firstPause;
    private final Duration longestPause;
    private final DoubleSupplier random;
    private final Runnable onFailure;

    /**
     * Pauses of up to {@code firstPause}, doubled each time.
     *
     * @param longestPause also the longest that a server may ask for
     * @param random between 0 and 1
     */
    public Retries(Duration firstPause, Duration longestPause, DoubleSupplier random) {
        this(firstPause, longestPause, random, () -> {});
    }

    private Retries(Duration firstPause, Duration longestPause, DoubleSupplier random, Runnable onFailure) {
        this.firstPause = requireNonNull(firstPause, "firstPause");
        this.longestPause = requireNonNull(longestPause, "longestPause");
        this.random = requireNonNull(random, "random");
        this.onFailure = requireNonNull(onFailure, "onFailure");
    }

    /** The same, and {@code listener} is told of each attempt that fails, before the pause. */
    public Retries telling(Runnable listener) {
        return new Retries(firstPause, longestPause, random, listener);
    }

    /** One attempt, told by how it should ask. */
    @FunctionalInterface
    public interface Attempt<T> {

        /**
         * Tries once; what it did before may be done again.
         *
         * @param bypass 0, or what {@link ObjectRequest#bypass} needs to go past caches
         */
        T run(int bypass) throws AttemptFailure, CaravanException;
    }

    /**
     * Tries until it works or another attempt makes no sense.
     *
     * @throws CaravanException the verdict of the last failure, or at once what the attempt itself throws
     */
    public <T> T run(Attempt<T> attempt) throws CaravanException, InterruptedException {
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        int bypass = 0;
        int number = 1;
        while (true) {
            try {
                return attempt.run(bypass);
            } catch (AttemptFailure failure) {
                onFailure.run();
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while reading: " + failure.getMessage());
                }
                if (failure.hasAnother()) {
                    continue;
                }
                int ofThisKind = seen.merge(failure.kind(), 1, Integer::sum);
                if (number == MAX_ATTEMPTS || ofThisKind >= failure.kind().attempts()) {
                    throw failure.verdict(number);
                }
                // Both may be what a cache keeps.
                if ((failure.kind() == Kind.DAMAGED || failure.kind() == Kind.ABSENT) && ofThisKind == 2) {
                    bypass = number;
                }
                Thread.sleep(pauseAfter(number, failure).toMillis());
                number++;
            }
        }
    }

    private Duration pauseAfter(int number, AttemptFailure failure) {
        Duration ceiling = firstPause.multipliedBy(1L << (number - 1));
        Duration jittered =
                Duration.ofNanos((long) (shorter(ceiling, longestPause).toNanos() * random.getAsDouble()));
        Duration asked = shorter(failure.retryAfter(), longestPause);
        return asked.compareTo(jittered) > 0 ? asked : jittered;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
