package caravan.failure;

/** Stopped for safety, before any damage. Exit status 4. */
public final class RefusedException extends CaravanException {

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public RefusedException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public RefusedException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 4;
    }
}
