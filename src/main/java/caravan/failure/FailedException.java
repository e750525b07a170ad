package caravan.failure;

/** Trying the same again will not help, and nothing more precise can be said. Exit status 1. */
public final class FailedException extends CaravanException {

    /** Hint of a failure that nobody has foreseen. */
    public static final String REPORT =
            "run it again with more logging (config/logback.xml); if it stays, report it with that log";

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public FailedException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public FailedException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 1;
    }
}
