package caravan.failure;

/**
 * A node that was held still for a capture did not go on. It outweighs whatever else failed: people are told at once,
 * and nothing holds a node still again in the same run. Exit status 1.
 */
public final class NodeDownException extends CaravanException {

    private static final long serialVersionUID = 1L;

    /** A failure without a cause of its own. */
    public NodeDownException(String message, String hint) {
        this(message, hint, null);
    }

    /** A failure that {@code cause} brought about. */
    public NodeDownException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }

    @Override
    public int exitStatus() {
        return 1;
    }
}
