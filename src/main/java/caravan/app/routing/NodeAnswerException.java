package caravan.app.routing;

import java.io.IOException;

/**
 * A node did not answer a question, or something that is no node did. The message says what was asked of which node,
 * where, and what came back. It is an {@link IOException} because the HTTP client lets nothing else through.
 */
public final class NodeAnswerException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What came back. */
    public enum Kind {
        /** Nothing, in time. */
        NONE,
        /** Something that a node does not say. */
        ODD,
        /** The program is stopping, so nothing was asked. */
        NOT_ASKED
    }

    private final Kind kind;

    NodeAnswerException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
