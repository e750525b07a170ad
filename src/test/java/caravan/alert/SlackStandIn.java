package caravan.alert;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** An HTTP server that answers as Slack's incoming webhooks do, well or otherwise. */
public final class SlackStandIn implements AutoCloseable {

    /** The part of the address that nobody else may know. */
    public static final String SECRET = "T0CANARY/B0CANARY/sLaCkCaNaRy24cHaRaCtErSxX";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final List<String> texts = new CopyOnWriteArrayList<>();

    private final List<Integer> answered = new CopyOnWriteArrayList<>();

    private final Queue<Answer> next = new ArrayDeque<>();

    private final CountDownLatch end = new CountDownLatch(1);

    private final HttpServer server;

    private boolean stalling;

    private record Answer(int status, String body, String retryAfter) {}

    private SlackStandIn(HttpServer server) {
        this.server = server;
        server.createContext("/", this::answer);
        server.setExecutor(threads);
    }

    /** A server on a free port. */
    public static SlackStandIn start() throws IOException {
        return start(0);
    }

    /** A server on this port. */
    public static SlackStandIn start(int port) throws IOException {
        SlackStandIn made =
                new SlackStandIn(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50));
        made.server.start();
        return made;
    }

    /** What Slack would give. */
    public String webhook() {
        return "http://127.0.0.1:" + port() + "/services/" + SECRET;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** The next request gets this answer. */
    public synchronized SlackStandIn answerNext(int status, String body, String retryAfter) {
        next.add(new Answer(status, body, retryAfter));
        return this;
    }

    /** Takes requests from now on and never answers. */
    public synchronized SlackStandIn stall() {
        stalling = true;
        return this;
    }

    /** Texts of the messages that were taken, in order. */
    public List<String> texts() {
        return texts;
    }

    /** Status of every answer. */
    public List<Integer> answered() {
        return answered;
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (isStalling()) {
            await();
        }
        Answer answer = judge(exchange, body);
        answered.add(answer.status());
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", answer.retryAfter());
        }
        byte[] said = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), said.length == 0 ? -1 : said.length);
        exchange.getResponseBody().write(said);
        exchange.close();
    }

    private synchronized boolean isStalling() {
        return stalling;
    }

    private synchronized Answer judge(HttpExchange exchange, byte[] body) {
        if (!exchange.getRequestURI().getPath().equals("/services/" + SECRET)) {
            return new Answer(404, "no_team", "");
        }
        if (!next.isEmpty()) {
            return next.remove();
        }
        try {
            String text = JSON.readTree(body).path("text").asText();
            if (text.isEmpty()) {
                return new Answer(400, "no_text", "");
            }
            texts.add(text);
            return new Answer(200, "ok", "");
        } catch (IOException e) {
            return new Answer(400, "invalid_payload", "");
        }
    }

    private void await() {
        try {
            if (!end.await(5, TimeUnit.MINUTES)) {
                throw new UncheckedIOException(new IOException("never closed"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
