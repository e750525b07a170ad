package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.aws.NamedQueues;
import caravan.aws.S3Settings;
import caravan.aws.SqsClients;
import caravan.aws.SqsSettings;
import caravan.faults.FaultProxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;

/** What a program takes from its queues when it was told to stop: nothing, so that others have it at once. */
@Timeout(60)
final class StoppedQueuesTest {

    private QueueServer server;

    private FaultProxy proxy;

    private NamedQueues queues;

    @BeforeEach
    void start() throws Exception {
        server = QueueServer.start().with("jobs");
        proxy = FaultProxy.before(server.endpoint());
        queues = new NamedQueues(SqsClients.build(new SqsSettings(
                Optional.of(proxy.endpoint()),
                "us-east-1",
                new S3Settings.Credentials.Keys("nobody", "nothing"),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30))));
    }

    @AfterEach
    void stop() throws Exception {
        queues.close();
        proxy.close();
        server.close();
    }

    @Test
    void nothingIsTakenAfterTheStop() {
        server.send("jobs", "one");
        queues.stopTaking();

        assertThat(queues.receiveMessage(receive()).messages()).isEmpty();
        assertThat(proxy.requests()).isEmpty();
        assertThat(server.messagesIn("jobs")).containsExactly("one");
    }

    @Test
    void whatComesByACallThatWasUnderWayIsGivenBack() {
        CompletableFuture<ReceiveMessageResponse> underWay =
                CompletableFuture.supplyAsync(() -> queues.receiveMessage(receive()));
        // The first one asks for the address of the queue.
        await().until(() -> proxy.requests().size() == 2);
        queues.stopTaking();
        server.send("jobs", "one");

        assertThat(underWay.join().messages()).isEmpty();
        assertThat(server.messagesIn("jobs")).containsExactly("one");
    }

    private static ReceiveMessageRequest receive() {
        return ReceiveMessageRequest.builder()
                .queueUrl("jobs")
                .waitTimeSeconds(15)
                .visibilityTimeout(120)
                .build();
    }
}
