package caravan.failure;

/** The command line, a setting or a route file is wrong. Exit status 2. */
public final class WrongUsageException extends CaravanException {

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public WrongUsageException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public WrongUsageException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 2;
    }
}
