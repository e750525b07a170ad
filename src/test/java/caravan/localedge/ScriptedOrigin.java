package caravan.localedge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server that answers each path as a test says, and remembers what it was asked. */
public final class ScriptedOrigin implements AutoCloseable {

    private final HttpServer server;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** How to answer. */
    public interface Script {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** A request that came. */
    public record Asked(String method, String target, Map<String, List<String>> headers, String body) {}

    public ScriptedOrigin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public ScriptedOrigin on(String path, Script script) {
        scripts.put(path, script);
        return this;
    }

    /** An object with an ETag, answered with 304 to who has it. */
    public ScriptedOrigin object(String path, byte[] content, String etag, String cacheControl) {
        return on(path, exchange -> {
            exchange.getResponseHeaders().set("ETag", etag);
            exchange.getResponseHeaders().set("Cache-Control", cacheControl);
            exchange.getResponseHeaders().set("Last-Modified", "Sun, 22 Nov 2026 08:33:00 GMT");
            exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
            if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
            } else if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
                exchange.sendResponseHeaders(200, -1);
            } else {
                exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
                exchange.getResponseBody().write(content);
            }
        });
    }

    /** An answer without a body of interest. */
    public ScriptedOrigin status(String path, int status, String cacheControl) {
        return on(path, exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", cacheControl);
            byte[] text = ("status " + status).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, text.length);
            exchange.getResponseBody().write(text);
        });
    }

    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    public long timesAsked(String path) {
        return asked.stream().filter(request -> request.target().equals(path)).count();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            Script script = scripts.get(exchange.getRequestURI().getPath());
            if (script == null) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                script.answer(exchange);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
