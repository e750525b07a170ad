package caravan.app.pipeline;

import caravan.aws.S3Settings;
import caravan.aws.SqsClients;
import caravan.aws.SqsSettings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** ElasticMQ, which speaks SQS, on a free port. */
final class QueueServer implements AutoCloseable {

    private final SQSRestServer server;

    private final URI endpoint;

    private final SqsClient client;

    private QueueServer(SQSRestServer server) {
        this.server = server;
        this.endpoint = URI.create(
                "http://127.0.0.1:" + server.waitUntilStarted().localAddress().getPort());
        this.client = SqsClients.build(new SqsSettings(
                Optional.of(endpoint),
                "us-east-1",
                new S3Settings.Credentials.Keys("nobody", "nothing"),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30)));
    }

    static QueueServer start() {
        return startAt(0);
    }

    /** The same on {@code port}. */
    static QueueServer startAt(int port) {
        return new QueueServer(
                SQSRestServerBuilder.withInterface("127.0.0.1").withPort(port).start());
    }

    URI endpoint() {
        return endpoint;
    }

    /** Makes the three queues that go with {@code name}. */
    QueueServer with(String name) {
        for (String ending : List.of("", "-results", "-dead")) {
            client.createQueue(request -> request.queueName(name + ending));
        }
        return this;
    }

    void send(String queue, String message) {
        client.sendMessage(request -> request.queueUrl(urlOf(queue)).messageBody(message));
    }

    /** What is in {@code queue} now and nobody has taken; it stays there. */
    List<String> messagesIn(String queue) {
        return client
                .receiveMessage(request ->
                        request.queueUrl(urlOf(queue)).maxNumberOfMessages(10).visibilityTimeout(0))
                .messages()
                .stream()
                .map(Message::body)
                .toList();
    }

    /** How many messages of {@code queue} wait, and how many are in somebody's hands. */
    int sizeOf(String queue) {
        Map<QueueAttributeName, String> attributes = client.getQueueAttributes(
                        request -> request.queueUrl(urlOf(queue)).attributeNames(QueueAttributeName.ALL))
                .attributes();
        return Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES))
                + Integer.parseInt(attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE));
    }

    private String urlOf(String queue) {
        return client.getQueueUrl(request -> request.queueName(queue)).queueUrl();
    }

    @Override
    public void close() {
        client.close();
        server.stopAndWait();
    }
}
