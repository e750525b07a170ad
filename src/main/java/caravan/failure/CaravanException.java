package caravan.failure;

import static java.util.Objects.requireNonNull;

/**
 * A failure that a person will read: one line that says what was tried, on what and what came back, and a hint.
 *
 * <p>The subclass answers the one question a caller has, what to do next, and fixes the exit status of a command that
 * ends with it. Neither text may hold a credential or a signed URL.
 */
public abstract sealed class CaravanException extends Exception
        permits DamagedException,
                FailedException,
                NodeDownException,
                RefusedException,
                TransientException,
                WrongUsageException {

    private static final long serialVersionUID = 1L;

    private final String hint;

    CaravanException(String message, String hint, Throwable cause) {
        super(requireNonNull(message, "message"), cause);
        this.hint = requireNonNull(hint, "hint");
    }

    /** What the reader should look at or do next: one line, never empty (HintsTest). */
    public final String hint() {
        return hint;
    }

    /** Exit status of a command that ends with this failure. */
    public abstract int exitStatus();
}
