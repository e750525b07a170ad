package caravan.aws;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/**
 * Queues that are called by their names where others need an address: it is looked up at the first call that needs it,
 * and again after a call that failed. So nothing is asked of a queue before something is sent or taken, and a program
 * starts while its queues are out of reach. Safe for many threads.
 *
 * <p>Whatever fails is a {@link QueueCallException}, which names the queue.
 */
public final class NamedQueues implements SqsClient {

    private static final Logger LOG = LoggerFactory.getLogger(NamedQueues.class);

    private static final ReceiveMessageResponse NOTHING =
            ReceiveMessageResponse.builder().build();

    private final SqsClient client;

    private final Map<String, String> addresses = new ConcurrentHashMap<>();

    private final Map<String, String> faults = new ConcurrentHashMap<>();

    private volatile boolean taking = true;

    /** Queues that {@code client} reaches; it is closed with this. */
    public NamedQueues(SqsClient client) {
        this.client = requireNonNull(client, "client");
    }

    /** Why the last call to {@code queue} failed, in one line; empty if it did not. */
    public Optional<String> faultOf(String queue) {
        return Optional.ofNullable(faults.get(queue));
    }

    /**
     * Takes no message any more, because the program is stopping: it would be nobody else's for a while. One that comes
     * by a call under way is given back. The queues are empty from now on, and can still be sent to.
     */
    public void stopTaking() {
        taking = false;
    }

    @Override
    public SendMessageResponse sendMessage(SendMessageRequest request) {
        return call(
                request.queueUrl(),
                address ->
                        client.sendMessage(request.toBuilder().queueUrl(address).build()));
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        if (!taking) {
            return NOTHING;
        }
        ReceiveMessageResponse taken = call(
                request.queueUrl(),
                address -> client.receiveMessage(
                        request.toBuilder().queueUrl(address).build()));
        if (taking) {
            return taken;
        }
        giveBack(request.queueUrl(), taken.messages());
        return NOTHING;
    }

    private void giveBack(String queue, List<Message> messages) {
        for (Message message : messages) {
            try {
                changeMessageVisibility(ChangeMessageVisibilityRequest.builder()
                        .queueUrl(queue)
                        .receiptHandle(message.receiptHandle())
                        .visibilityTimeout(0)
                        .build());
            } catch (QueueCallException e) {
                LOG.debug("a message is given back when its time is over", e);
            }
        }
    }

    @Override
    public DeleteMessageResponse deleteMessage(DeleteMessageRequest request) {
        return call(
                request.queueUrl(),
                address -> client.deleteMessage(
                        request.toBuilder().queueUrl(address).build()));
    }

    @Override
    public ChangeMessageVisibilityResponse changeMessageVisibility(ChangeMessageVisibilityRequest request) {
        return call(
                request.queueUrl(),
                address -> client.changeMessageVisibility(
                        request.toBuilder().queueUrl(address).build()));
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        return call(
                request.queueUrl(),
                address -> client.changeMessageVisibilityBatch(
                        request.toBuilder().queueUrl(address).build()));
    }

    @Override
    public String serviceName() {
        return client.serviceName();
    }

    @Override
    public void close() {
        client.close();
    }

    private <T> T call(String queue, Function<String, T> request) {
        try {
            String address = addresses.get(queue);
            if (address == null) {
                address = client.getQueueUrl(ask -> ask.queueName(queue)).queueUrl();
                addresses.put(queue, address);
            }
            T answer = request.apply(address);
            faults.remove(queue);
            return answer;
        } catch (SdkException e) {
            addresses.remove(queue);
            QueueCallException failure = new QueueCallException(queue, e);
            faults.put(queue, failure.getMessage());
            throw failure;
        }
    }
}
