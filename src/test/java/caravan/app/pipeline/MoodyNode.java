package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands before a node's JSON-RPC and answers the first questions for its health in its place. */
final class MoodyNode implements AutoCloseable {

    private static final Pattern METHOD = Pattern.compile("\"method\"\\s*:\\s*\"([^\"]+)\"");

    private final HttpServer server;
    private final URI node;
    private final Queue<String> moods;
    private final List<String> methods = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private MoodyNode(HttpServer server, URI node, List<String> moods) {
        this.server = server;
        this.node = node;
        this.moods = new ArrayDeque<>(moods);
    }

    /** Answers {@code moods}, one after the other, and then as {@code node} does. */
    static MoodyNode before(URI node, List<String> moods) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        MoodyNode moody = new MoodyNode(server, node, moods);
        server.createContext("/", moody::answer);
        server.start();
        return moody;
    }

    URI rpcUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<String> methodsAsked() {
        return List.copyOf(methods);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String question = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            Matcher method = METHOD.matcher(question);
            methods.add(method.find() ? method.group(1) : question);
            String mood = methods.get(methods.size() - 1).equals("system_health") ? moods.poll() : null;
            byte[] answer = mood == null
                    ? ask(question)
                    : ("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + mood + "}").getBytes(UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private byte[] ask(String question) throws IOException {
        try {
            return client.send(
                            HttpRequest.newBuilder(node)
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(question))
                                    .build(),
                            HttpResponse.BodyHandlers.ofByteArray())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
