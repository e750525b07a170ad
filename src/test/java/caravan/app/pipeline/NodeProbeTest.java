package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
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
    void nodeThatAnswersHasNoFault() {
        answer(200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"peers\":3,\"isSyncing\":false}}");

        assertThat(NodeProbe.faultOf(address(), LONG)).isEmpty();
    }

    @Test
    void whatAnswersAndIsNoNodeIsTold() {
        answer(200, "<html>a page</html>");
        assertThat(NodeProbe.faultOf(address(), LONG)).contains("it answers, but not as a node");

        server.removeContext("/");
        answer(302, "");
        assertThat(NodeProbe.faultOf(address(), LONG)).contains("it answers with HTTP status 302");
    }

    @Test
    void addressWhereNobodyListensIsTold() {
        URI address = address();
        server.stop(0);

        assertThat(NodeProbe.faultOf(address, LONG).orElseThrow()).startsWith("it does not answer (");
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

        assertThat(NodeProbe.faultOf(address(), SHORT)).isEqualTo(Optional.of("it did not answer within 0.3 s"));
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
