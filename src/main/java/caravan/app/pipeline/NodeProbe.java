package caravan.app.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks a node one question, to tell an operator whether it answers now. */
final class NodeProbe {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final int MOST_BYTES = 4096;

    private static final String QUESTION = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system_health\",\"params\":[]}";

    private NodeProbe() {}

    /** What is wrong with the node at {@code address}; nothing if it answers as a node does. Takes a few seconds at most. */
    static Optional<String> faultOf(URI address) {
        return faultOf(address, LONGEST);
    }

    /** The same within {@code limit}, whatever it answers and however slowly. */
    static Optional<String> faultOf(URI address, Duration limit) {
        HttpClient client = HttpClient.newBuilder().connectTimeout(limit).build();
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
                .build();
        CompletableFuture<Optional<String>> fault = client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                .thenApplyAsync(NodeProbe::faultIn);
        try {
            return fault.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            fault.cancel(true);
            return Optional.of("it did not answer within " + limit.toMillis() / 1000.0 + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return Optional.of("it does not answer ("
                    + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    private static Optional<String> faultIn(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                return Optional.of("it answers with HTTP status " + response.statusCode());
            }
            String answer = new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            return answer.contains("\"isSyncing\"") ? Optional.empty() : Optional.of("it answers, but not as a node");
        } catch (IOException e) {
            return Optional.of("its answer breaks off (" + e.getMessage() + ")");
        }
    }
}
