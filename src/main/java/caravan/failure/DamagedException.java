package caravan.failure;

/** Data is not what it claims to be: a hash, a length or a signature is wrong. Exit status 3. */
public final class DamagedException extends CaravanException {

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public DamagedException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public DamagedException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 3;
    }
}
