package caravan.store;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.pace.Waiting;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Decides when the next request to a store may begin, for all threads together, so that a store in trouble is left
 * alone and one that is well is not slowed down. It repeats nothing itself.
 *
 * <p>Before each attempt a caller calls {@link #await}, afterwards {@link #succeeded} or {@link #failed}. Three things
 * can make it wait:
 *
 * <ul>
 *   <li>its own failures: after the n-th a random time between nothing and {@code first · 2^(n-1)}, at most
 *       {@code longest} ("full jitter": rivals that failed together do not come back together);
 *   <li>the store's wish: after a {@code Retry-After} nobody begins before that time is over;
 *   <li>a rate of requests: each round of failures halves what lately got through, each success raises it again, and
 *       when it no longer binds it is gone. Without failures there is no rate, and one failure among many successes
 *       says nothing about how much the store can take.
 * </ul>
 */
public final class Brake {

    private static final double NO_RATE = Double.POSITIVE_INFINITY;
    private static final double SLOWEST_PER_SECOND = 1;

    /** A success raises the rate by this share of it, so that it is back soon after a storm. */
    private static final double GAIN_PER_SUCCESS = 0.2;

    /** After so many successes without a failure the next failure counts as a single one. */
    private static final int MANY = 5;

    /** Taken for what the store stands, as long as nothing is known of it. */
    private static final double UNKNOWN_PER_SECOND = 32;

    private static final double BINDS_BELOW = 2;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long first;
    private final long longest;
    private final Waiting time;
    private final RandomGenerator random;

    private double perSecond = NO_RATE;
    private double achieved;
    private long counted;
    private long countingSince;
    private long nextBegin;
    private long lastCut;
    private long successesInARow;
    private long failures;

    /**
     * A released brake.
     *
     * @param first most that is waited after a first failure
     * @param longest most that is waited after any
     * @param random needs not be secure; used by many threads
     */
    public Brake(Duration first, Duration longest, Waiting time, RandomGenerator random) {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("waiting times are above zero, and the longest is not below the first");
        }
        this.first = first.toNanos();
        this.longest = longest.toNanos();
        this.time = requireNonNull(time, "time");
        this.random = requireNonNull(random, "random");
        this.countingSince = time.nanoTime();
        this.nextBegin = countingSince;
        this.lastCut = countingSince - this.first;
    }

    /**
     * Returns when the attempt may begin.
     *
     * @param failedAttempts how often this same request has failed so far
     */
    public void await(int failedAttempts) throws InterruptedException {
        long own = backOff(failedAttempts);
        if (own > 0) {
            time.sleep(own);
        }
        long shared = reserve();
        if (shared > 0) {
            time.sleep(shared);
        }
    }

    /** An attempt was answered, whatever the answer means to its caller. */
    public synchronized void succeeded() {
        count();
        successesInARow++;
        if (perSecond == NO_RATE) {
            return;
        }
        perSecond += GAIN_PER_SUCCESS * perSecond;
        if (achieved > 0 && perSecond > BINDS_BELOW * achieved && perSecond > BINDS_BELOW * SLOWEST_PER_SECOND) {
            perSecond = NO_RATE;
        }
    }

    /** An attempt failed. Only a {@link TransientException} says something about the store's health. */
    public synchronized void failed(CaravanException failure) {
        if (!(failure instanceof TransientException busy)) {
            return;
        }
        failures++;
        long now = time.nanoTime();
        nextBegin = later(nextBegin, now + busy.retryAfter().toNanos());
        boolean single = successesInARow >= MANY && busy.retryAfter().isZero();
        successesInARow = 0;
        if (single) {
            return;
        }
        // What was under way together fails together: that is one reason to slow down, not many.
        if (now - lastCut >= first) {
            lastCut = now;
            perSecond = Math.max(SLOWEST_PER_SECOND, (perSecond == NO_RATE ? lately(now) : perSecond) / 2);
        }
    }

    /** Requests per second that may begin now; infinite while nothing is wrong. */
    public synchronized double requestsPerSecond() {
        return perSecond;
    }

    /** How many attempts failed since the beginning for a reason that may pass. */
    public synchronized long failures() {
        return failures;
    }

    /**
     * Whether the last attempt failed for a reason that may pass, so that for all we know the store is out of reach.
     */
    public synchronized boolean isInTrouble() {
        return failures > 0 && successesInARow == 0;
    }

    private long backOff(int failedAttempts) {
        if (failedAttempts <= 0) {
            return 0;
        }
        long most = Math.min(longest, first << Math.min(failedAttempts - 1, Long.numberOfLeadingZeros(first) - 2));
        return random.nextLong(most + 1);
    }

    private synchronized long reserve() {
        long now = time.nanoTime();
        long begin = later(nextBegin, now);
        nextBegin = perSecond == NO_RATE ? nextBegin : begin + (long) (SECOND / perSecond);
        return begin - now;
    }

    private void count() {
        counted++;
        long now = time.nanoTime();
        if (now - countingSince >= SECOND) {
            achieved = lately(now);
            counted = 0;
            countingSince = now;
        }
    }

    private double lately(long now) {
        long elapsed = now - countingSince;
        if (elapsed >= SECOND) {
            return (double) counted * SECOND / elapsed;
        }
        return Math.max(achieved > 0 ? achieved : UNKNOWN_PER_SECOND, (double) counted);
    }

    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }
}
