package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first failure of a run; later ones are dropped, since they mostly have the same cause. What works beside the one
 * that failed looks here whether going on is worth it. Safe for use by many threads.
 */
final class FirstFailure {

    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Keeps {@code cause}, unless there is one before it. */
    void note(Throwable cause) {
        failure.compareAndSet(null, requireNonNull(cause, "cause"));
    }

    /** Whether there is one. */
    boolean isThere() {
        return failure.get() != null;
    }

    /**
     * Returns if there is none.
     *
     * @param tried what was tried, for people who have to look into an unexpected one
     * @throws CaravanException the failure, or a {@link FailedException} because of it
     */
    void requireNone(String tried) throws CaravanException {
        Throwable first = failure.get();
        if (first instanceof CaravanException said) {
            throw said;
        }
        if (first != null) {
            throw unexpected(tried, first);
        }
    }

    /**
     * Returns if there is none.
     *
     * @param tried what was tried, for people who have to look into an error
     * @throws Exception the failure as it came, so that the routes can tell by its type what to do; an error is wrapped
     */
    void rethrow(String tried) throws Exception {
        Throwable first = failure.get();
        if (first instanceof Exception exception) {
            throw exception;
        }
        if (first != null) {
            throw unexpected(tried, first);
        }
    }

    private static FailedException unexpected(String tried, Throwable first) {
        return new FailedException(tried + ": " + first, FailedException.REPORT, first);
    }
}
