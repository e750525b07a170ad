package caravan.restore;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Serves a directory over HTTP, and misbehaves on demand. */
final class FaultServer implements AutoCloseable {

    static {
        // The server writes head and body apart; without this each answer waits 40 ms for the client's acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    /** Answers in the place of the server. */
    @FunctionalInterface
    interface Fault {
        void answer(HttpExchange exchange, byte[] content) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Path root;
    private final Map<String, Queue<Fault>> once = new ConcurrentHashMap<>();
    private final Map<String, Fault> always = new ConcurrentHashMap<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> bytesSent = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    FaultServer(Path root) throws IOException {
        this.root = root;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/snapshots";
    }

    /** The next answers for {@code path}, one fault each; then it is served as it should be. */
    FaultServer next(String path, Fault... faults) {
        once.computeIfAbsent(path, key -> new ArrayDeque<>()).addAll(List.of(faults));
        return this;
    }

    /** All answers for {@code path}. */
    FaultServer always(String path, Fault fault) {
        always.put(path, fault);
        return this;
    }

    void repair(String path) {
        always.remove(path);
    }

    /** Paths and queries asked for, in order. */
    List<String> requests() {
        return new ArrayList<>(requests);
    }

    /** Paths and queries of the chunks among them. */
    List<String> chunksAskedFor() {
        return requests.stream().filter(path -> path.startsWith("chunks/")).toList();
    }

    /** Bytes of whole answers for paths that begin so. */
    long bytesSent(String prefix) {
        return bytesSent.entrySet().stream()
                .filter(sent -> sent.getKey().startsWith(prefix))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    void forgetRequests() {
        requests.clear();
        bytesSent.clear();
    }

    static Fault status(int code, String... headers) {
        return (exchange, content) -> {
            for (int at = 0; at < headers.length; at += 2) {
                exchange.getResponseHeaders().set(headers[at], headers[at + 1]);
            }
            exchange.sendResponseHeaders(code, -1);
        };
    }

    static Fault body(byte[] other) {
        return (exchange, content) -> send(exchange, other, other.length);
    }

    /** As a cache that keeps other bytes; who asks past it gets what is there. */
    static Fault keptByACache(byte[] kept) {
        return (exchange, content) -> {
            String query = exchange.getRequestURI().getQuery();
            boolean past = query != null && query.startsWith("caravan-retry=");
            if (past && content.length == 0) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                byte[] answer = past ? content : kept;
                send(exchange, answer, answer.length);
            }
        };
    }

    static Fault flippedBit(int at) {
        return (exchange, content) -> {
            byte[] flipped = content.clone();
            flipped[at] ^= 1;
            exchange.getResponseHeaders().set("X-Cache", "Hit from test");
            send(exchange, flipped, flipped.length);
        };
    }

    /** Says it sends all, and ends early. */
    static Fault cutAfter(int bytes) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, bytes);
            exchange.getResponseBody().flush();
        };
    }

    /** No length told, and no end. */
    static Fault endless() {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] junk = new byte[8192];
            for (int block = 0; block < 10_000; block++) {
                exchange.getResponseBody().write(junk);
            }
        };
    }

    /** Begins, then says nothing more. */
    Fault stall(int afterBytes) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, afterBytes);
            exchange.getResponseBody().flush();
            closing.await();
        };
    }

    /** One byte at a time, always in time for a socket's own timeout. */
    Fault dribble(long everyMillis) {
        return (exchange, content) -> {
            exchange.sendResponseHeaders(200, content.length);
            for (byte one : content) {
                exchange.getResponseBody().write(one);
                exchange.getResponseBody().flush();
                if (closing.await(everyMillis, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        };
    }

    private static void send(HttpExchange exchange, byte[] content, long length) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, length == 0 ? -1 : length);
        exchange.getResponseBody().write(content);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().replaceFirst("^/snapshots/", "");
            String query = exchange.getRequestURI().getQuery();
            requests.add(query == null ? path : path + "?" + query);
            Path file = root.resolve(path);
            boolean there = Files.isRegularFile(file);
            byte[] content = there ? Files.readAllBytes(file) : new byte[0];
            Queue<Fault> faults = once.get(path);
            Fault fault = faults == null ? null : faults.poll();
            fault = fault == null ? always.get(path) : fault;
            if (fault != null) {
                fault.answer(exchange, content);
            } else if (!there) {
                exchange.sendResponseHeaders(404, -1);
            } else {
                bytesSent.merge(path, (long) content.length, Long::sum);
                send(exchange, content, content.length);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
