package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.watch.NodeFacts;
import caravan.watch.NodeInterview;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code caravan check} says of the address of a node. */
@Timeout(60)
final class NodeProbeTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private static final Duration SHORT = Duration.ofMillis(300);

    private final CountDownLatch over = new CountDownLatch(1);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void nodeThatAnswersSaysWhatItIs() {
        server.createContext("/", exchange -> {
            String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            send(exchange, 200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + resultFor(question) + "}");
        });

        assertThat(hear(LONG))
                .isEqualTo(new HeardNode(new NodeFacts("Polkadot", "1.2.3", "0xab", 31, "0xcd", "rpc"), ""));
    }

    @Test
    void nodeThatIsNotReadyIsTold() {
        answer(200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"peers\":3,\"isSyncing\":true}}");

        assertThat(hear(LONG).fault()).endsWith("it is still syncing");
    }

    @Test
    void whatAnswersAndIsNoNodeIsTold() {
        answer(200, "<html>a page</html>");
        assertThat(hear(LONG))
                .isEqualTo(new HeardNode(
                        NodeFacts.UNKNOWN, "asked the node at " + address() + ": it answers, but not as a node"));

        server.removeContext("/");
        answer(302, "");
        assertThat(hear(LONG).fault()).endsWith(": it answers with HTTP status 302");

        server.removeContext("/");
        answer(200, "null");
        assertThat(hear(LONG).fault()).endsWith("it answered nothing");
    }

    @Test
    void addressWhereNobodyListensIsTold() {
        URI address = address();
        server.stop(0);

        assertThat(hear(address, LONG).fault()).contains(": it does not answer (");
    }

    @Test
    void answerThatNeverEndsIsNotWaitedFor() {
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 1L << 40);
            OutputStream body = exchange.getResponseBody();
            body.write("{".getBytes(UTF_8));
            body.flush();
            untilItIsOver();
        });

        assertThat(hear(SHORT).fault()).endsWith(": it did not answer within 0.3 s");
    }

    private HeardNode hear(Duration limit) {
        return hear(address(), limit);
    }

    private static HeardNode hear(URI address, Duration limit) {
        return NodeProbe.hear(new NodeInterview(address, 1), limit);
    }

    private static String resultFor(String question) {
        for (Map.Entry<String, String> answer : Map.of(
                        "system_health", "{\"peers\":3,\"isSyncing\":false}",
                        "system_chain", "\"Polkadot\"",
                        "system_version", "\"1.2.3\"",
                        "chain_getBlockHash", "\"0xab\"",
                        "chain_getFinalizedHead", "\"0xcd\"",
                        "chain_getHeader", "{\"number\":\"0x1f\"}")
                .entrySet()) {
            if (question.contains('"' + answer.getKey() + '"')) {
                return answer.getValue();
            }
        }
        throw new AssertionError(question);
    }

    private void answer(int status, String body) {
        server.createContext("/", exchange -> send(exchange, status, body));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void untilItIsOver() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }
}
