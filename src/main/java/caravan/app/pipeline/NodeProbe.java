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

/** Asks a node one question, to tell an operator whether it answers now. */
final class NodeProbe {

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private static final int MOST_BYTES = 4096;

    private static final String QUESTION = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system_health\",\"params\":[]}";

    private NodeProbe() {}

    /** What is wrong with the node at {@code address}; nothing if it answers as a node does. Takes a few seconds at most. */
    static Optional<String> faultOf(URI address) {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(LONGEST)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
                .build();
        try {
            HttpResponse<InputStream> response = HttpClient.newBuilder()
                    .connectTimeout(LONGEST)
                    .build()
                    .send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    return Optional.of("it answers with HTTP status " + response.statusCode());
                }
                String answer = new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                return answer.contains("\"isSyncing\"")
                        ? Optional.empty()
                        : Optional.of("it answers, but not as a node");
            }
        } catch (IOException e) {
            return Optional.of("it does not answer ("
                    + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()) + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
