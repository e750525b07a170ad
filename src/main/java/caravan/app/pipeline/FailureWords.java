package caravan.app.pipeline;

import caravan.app.routing.NodeAnswerException;
import caravan.aws.QueueCallException;
import caravan.aws.S3Failures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.http.base.HttpOperationFailedException;
import software.amazon.awssdk.core.exception.SdkException;

/** Finds the words for whatever a route ended with: the failure that one of our classes raised, or its equivalent. */
final class FailureWords {

    private static final String DISK_IS_FULL = "No space left on device";

    private final S3Failures store;

    private final Path state;

    /**
     * Words for failures of a publisher.
     *
     * @param store for those of the bucket
     * @param state its directory, where most of what a publication writes lies
     */
    FailureWords(S3Failures store, Path state) {
        this.store = store;
        this.state = state;
    }

    /** Words for a failure of which it does not matter where it was. */
    CaravanException of(Throwable failure) {
        return of(failure, "");
    }

    /**
     * Words for a failure.
     *
     * @param route in which it was; empty if that is not known
     */
    CaravanException of(Throwable failure, String route) {
        Optional<CaravanException> said = find(failure, CaravanException.class);
        if (said.isPresent()) {
            return said.get();
        }
        Optional<QueueCallException> queue = find(failure, QueueCallException.class);
        if (queue.isPresent()) {
            return wordsFor(queue.get());
        }
        if (find(failure, SdkException.class).isPresent()) {
            return store.classify(failure, "store a chunk");
        }
        Optional<HttpOperationFailedException> answer = find(failure, HttpOperationFailedException.class);
        if (answer.isPresent()) {
            return new FailedException(
                    "called " + withoutSecrets(answer.get().getUri()) + ": it answered with HTTP status "
                            + answer.get().getHttpResponseCode(),
                    "look what the service wants; with httpClientConfigurer #httpConnection and retry-edge it is called again"
                            + " while it is busy",
                    failure);
        }
        Optional<NodeAnswerException> node = find(failure, NodeAnswerException.class);
        if (node.isPresent()) {
            return wordsFor(node.get());
        }
        // Writing to an open file fails without its name.
        Optional<IOException> unwritten = find(failure, IOException.class)
                .filter(each ->
                        each instanceof FileSystemException || messageOf(each).contains(DISK_IS_FULL));
        if (unwritten.isPresent()) {
            return new FailedException(
                    "write to the state directory " + state + ", or beside it: " + messageOf(unwritten.get()),
                    "it needs space, and must be writable",
                    failure);
        }
        Optional<IOException> unreachable = find(failure, IOException.class);
        if (unreachable.isPresent()) {
            return new TransientException(
                    "reached out over the network: " + messageOf(unreachable.get()),
                    "what the route calls must be running and in reach",
                    failure);
        }
        if (find(failure, InterruptedException.class).isPresent()) {
            return new TransientException("told to stop while it waited", "run it again", failure);
        }
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return new FailedException(
                "failed unexpectedly" + (route.isEmpty() ? "" : " in route " + route) + ": "
                        + root.getClass().getSimpleName() + ": " + messageOf(root),
                "run it again with more logging (config/logback.xml) and report this",
                failure);
    }

    private static CaravanException wordsFor(NodeAnswerException failure) {
        return switch (failure.kind()) {
            case NONE ->
                new TransientException(
                        failure.getMessage(),
                        "the node must be running and its rpc-url right; without rpc-url it is not asked",
                        failure);
            case NOT_ASKED -> new TransientException(failure.getMessage(), "run it again", failure);
            case ODD ->
                new FailedException(
                        failure.getMessage(), "the rpc-url must be the JSON-RPC port of a Substrate node", failure);
        };
    }

    /** As well for a worker, which has no bucket. */
    static TransientException wordsFor(QueueCallException failure) {
        return new TransientException(
                failure.getMessage(),
                "SQS must be reached at caravan.sqs.endpoint; of each name there must be NAME, NAME-results and NAME-dead, and"
                        + " these keys be allowed to use them",
                failure);
    }

    /** An address without what follows the question mark, and without user and password. */
    private static String withoutSecrets(String uri) {
        return uri.replaceFirst("[?#].*", "").replaceFirst("//[^/@]*@", "//");
    }

    private static String messageOf(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\s+", " ");
    }

    private static <T> Optional<T> find(Throwable failure, Class<T> type) {
        for (Throwable at = failure; at != null; at = at.getCause() == at ? null : at.getCause()) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
        }
        return Optional.empty();
    }
}
