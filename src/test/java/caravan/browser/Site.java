package caravan.browser;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A few objects that a server on this machine gives to everybody; any other is 404. */
public final class Site implements AutoCloseable {

    private final Map<String, byte[]> objects = new ConcurrentHashMap<>();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final HttpServer server;

    private Site(HttpServer server) {
        this.server = server;
    }

    /** Starts serving nothing. */
    public static Site start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        Site site = new Site(server);
        server.setExecutor(site.threads);
        server.createContext("/", exchange -> {
            String name = exchange.getRequestURI().getPath().substring(1);
            byte[] content = site.objects.get(name);
            exchange.getResponseHeaders()
                    .set("Content-Type", name.endsWith(".html") ? "text/html; charset=utf-8" : "application/json");
            exchange.sendResponseHeaders(content == null ? 404 : 200, content == null ? -1 : content.length);
            if (content != null) {
                exchange.getResponseBody().write(content);
            }
            exchange.close();
        });
        server.start();
        return site;
    }

    /** Address of the root, without a slash at the end. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Serves {@code content} as {@code name} from now on. */
    public Site put(String name, byte[] content) {
        objects.put(name, content);
        return this;
    }

    /** As {@link #put(String, byte[])}. */
    public Site put(String name, String content) {
        return put(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Serves nothing any more. */
    public void clear() {
        objects.clear();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
