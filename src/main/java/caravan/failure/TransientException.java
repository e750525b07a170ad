package caravan.failure;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** The same call may work later. Exit status 75. */
public final class TransientException extends CaravanException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** A failure without a cause of its own. */
    public TransientException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public TransientException(String message, String hint, Throwable cause) {
        this(message, hint, cause, Duration.ZERO);
    }

    /** A failure after which the other side asks to be left alone for {@code retryAfter}. */
    public TransientException(String message, String hint, Throwable cause, Duration retryAfter) {
        super(message, hint, cause);
        this.retryAfter = requireNonNull(retryAfter, "retryAfter");
    }

    /** How long the other side asks to be left alone; zero if it did not say. */
    public Duration retryAfter() {
        return retryAfter;
    }

    @Override
    public int exitStatus() {
        return 75;
    }
}
