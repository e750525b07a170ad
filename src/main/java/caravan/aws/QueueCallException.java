package caravan.aws;

import software.amazon.awssdk.core.exception.SdkClientException;

/** A call to a queue failed. Its message names the queue and what came back, in one line. */
public final class QueueCallException extends SdkClientException {

    private static final long serialVersionUID = 1L;

    QueueCallException(String queue, Throwable cause) {
        super(SdkClientException.builder()
                .message("queue " + queue + ": " + line(cause))
                .cause(cause));
    }

    /** The root says what the system said; whoever asks sees no stack. */
    private static String line(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage()).replaceAll("\\s+", " ");
    }
}
