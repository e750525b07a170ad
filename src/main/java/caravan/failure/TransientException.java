package caravan.failure;

/** The same call may work later. Exit status 75. */
public final class TransientException extends CaravanException {

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public TransientException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public TransientException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 75;
    }
}
