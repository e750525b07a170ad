package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.watch.NodeFacts;
import caravan.watch.NodeInterview;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Interviews a node once, to tell an operator whether it is ready now, and what it is. Nothing is asked again. */
final class NodeProbe {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final int MOST_BYTES = 1 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final NodeInterview interview;

    private final Duration limit;

    private final long end;

    private final HttpClient client;

    private NodeProbe(NodeInterview interview, Duration limit) {
        this.interview = interview;
        this.limit = limit;
        this.end = System.nanoTime() + limit.toNanos();
        this.client = HttpClient.newBuilder().connectTimeout(limit).build();
    }

    /** Asks every question of {@code interview}. Takes a few seconds at most. */
    static HeardNode hear(NodeInterview interview) {
        return hear(interview, LONGEST);
    }

    /** The same within {@code limit}, whatever it answers and however slowly. */
    static HeardNode hear(NodeInterview interview, Duration limit) {
        try {
            return new HeardNode(ask(interview, limit), "");
        } catch (CaravanException e) {
            return new HeardNode(NodeFacts.UNKNOWN, e.getMessage());
        }
    }

    /** What it says, within a few seconds. */
    static NodeFacts ask(NodeInterview interview) throws CaravanException {
        return ask(interview, LONGEST);
    }

    private static NodeFacts ask(NodeInterview interview, Duration limit) throws CaravanException {
        NodeProbe probe = new NodeProbe(interview, limit);
        while (interview.isUnfinished()) {
            interview.answer(probe.ask());
        }
        return interview.facts();
    }

    /** A status and the beginning of a body. */
    private record Answer(int status, String text) {}

    private Map<String, Object> ask() throws FailedException {
        Answer answer = answerTo(interview.question());
        if (answer.status() != 200) {
            throw fault("it answers with HTTP status " + answer.status(), null);
        }
        try {
            return JSON.readValue(answer.text(), new TypeReference<>() {});
        } catch (IOException e) {
            throw fault("it answers, but not as a node", e);
        }
    }

    private Answer answerTo(Map<String, Object> question) throws FailedException {
        CompletableFuture<Answer> answer = client.sendAsync(
                        request(question), HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(NodeProbe::read);
        try {
            return answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw fault("it did not answer within " + limit.toMillis() / 1000.0 + " s", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            String words = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            throw fault(
                    cause instanceof UncheckedIOException
                            ? "its answer breaks off (" + words + ")"
                            : "it does not answer (" + words + ")",
                    cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw fault("interrupted", e);
        }
    }

    private HttpRequest request(Map<String, Object> question) {
        try {
            return HttpRequest.newBuilder(URI.create(interview.address()))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(question)))
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer read(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return new Answer(response.statusCode(), new String(body.readNBytes(MOST_BYTES), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private FailedException fault(String what, Throwable cause) {
        return new FailedException(
                "asked the node at " + interview.address() + ": " + what,
                "the rpc-url must be the JSON-RPC port of a Substrate node",
                cause);
    }
}
