package caravan.app.warming;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;

/**
 * A cache in this process that does wrong when it is told to. It has objects that are made up; the first time it is asked
 * for one it says that it missed it, later that it hit.
 */
public final class EdgeFront implements AutoCloseable {

    /** What becomes of an answer. */
    public enum Harm {
        NONE,
        /** The connection ends in the middle of the body. */
        CUT,
        /** A body of the right length with one other byte. */
        FLIP,
        /** A byte now and then, until the front is closed. */
        DRIP,
        /** The head of an answer, and then nothing until the front is closed. */
        SILENCE,
        /** Status 503 and nothing else. */
        BUSY,
        /** Status 302 to where the right bytes are. */
        REDIRECT
    }

    private final HttpServer server;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "edge");
        thread.setDaemon(true);
        return thread;
    });

    private Map<String, byte[]> objects = new ConcurrentHashMap<>();

    private final Set<String> cached = ConcurrentHashMap.newKeySet();

    private final List<String> hosts = new ArrayList<>();

    private final AtomicInteger requests = new AtomicInteger();

    private final String pop;

    private volatile Function<String, Harm> harm = path -> Harm.NONE;

    private volatile boolean closed;

    private volatile boolean anything;

    private List<String> namesInTls = List.of();

    private final List<String> tooEarly = new CopyOnWriteArrayList<>();

    private volatile Path origin;

    private final Set<String> vias = ConcurrentHashMap.newKeySet();

    private EdgeFront(HttpServer server, String pop) {
        this.server = server;
        this.pop = pop;
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** A front that calls itself {@code pop}. */
    public static EdgeFront start(String pop) throws IOException {
        return new EdgeFront(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200), pop);
    }

    /** A front that begins to answer whatever it is asked for, and never ends. */
    public static EdgeFront stuck() throws IOException {
        EdgeFront front = start("GRU3-C1").harming(path -> Harm.SILENCE);
        front.anything = true;
        return front;
    }

    /** As {@link #start(String)}, over TLS with the keys of {@code context}. */
    public static EdgeFront startTls(String pop, SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        List<String> names = new CopyOnWriteArrayList<>();
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = context.getDefaultSSLParameters();
                tls.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
                    @Override
                    public boolean matches(SNIServerName name) {
                        names.add(new String(name.getEncoded(), US_ASCII));
                        return true;
                    }
                }));
                parameters.setSSLParameters(tls);
            }
        });
        EdgeFront front = new EdgeFront(server, pop);
        front.namesInTls = names;
        return front;
    }

    /** The chunk with {@code number}; its bytes are the same every time. */
    public static byte[] content(int number, int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) number);
        byte[] name = ("object " + number + " of " + size + "\n").getBytes(US_ASCII);
        System.arraycopy(name, 0, bytes, 0, Math.min(name.length, size));
        return bytes;
    }

    /** What names {@link #content}. */
    public static ChunkRef chunk(int number, int size) {
        return ChunkRef.plain(Digest.of(content(number, size)), size);
    }

    /** Lets it serve {@code content} under {@code path}. */
    public EdgeFront with(String path, byte[] content) {
        objects.put(path, content);
        return this;
    }

    /** Lets it serve what {@code other} serves. */
    public EdgeFront sharing(EdgeFront other) {
        objects = other.objects;
        return this;
    }

    /** Lets it serve what lies in {@code directory} when it is asked for it. */
    public EdgeFront before(Path directory) {
        origin = directory;
        return this;
    }

    /** What it was asked for and did not have. */
    public List<String> notThere() {
        return List.copyOf(tooEarly);
    }

    /** What to do wrong, by path. */
    public EdgeFront harming(Function<String, Harm> what) {
        harm = what;
        return this;
    }

    /** Its cache is empty from now on. */
    public void forgetAll() {
        cached.clear();
    }

    /** Its text form as a vantage. */
    public String vantage() {
        return "edge:127.0.0.1:" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public int requests() {
        return requests.get();
    }

    /** {@code Host} of every request. */
    public List<String> hosts() {
        synchronized (hosts) {
            return List.copyOf(hosts);
        }
    }

    /** Server names that TLS clients asked for (SNI). */
    public List<String> namesInTls() {
        return List.copyOf(namesInTls);
    }

    /** What {@code Via} of any request said. */
    public Set<String> vias() {
        return Set.copyOf(vias);
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        synchronized (hosts) {
            hosts.add(exchange.getRequestHeaders().getFirst("Host"));
        }
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Via")).ifPresent(vias::add);
        String path = exchange.getRequestURI().getPath();
        byte[] content = objects.getOrDefault(path.substring(1), anything ? new byte[1 << 20] : null);
        if (content == null && origin != null && Files.exists(origin.resolve(path.substring(1)))) {
            content = Files.readAllBytes(origin.resolve(path.substring(1)));
        }
        if (content == null) {
            tooEarly.add(path);
        }
        exchange.getResponseHeaders().add("X-Amz-Cf-Pop", pop);
        Harm now = content == null ? Harm.NONE : harm.apply(path.substring(1));
        try (exchange) {
            if (content == null) {
                exchange.sendResponseHeaders(404, -1);
            } else if (now == Harm.BUSY) {
                exchange.sendResponseHeaders(503, -1);
            } else if (now == Harm.REDIRECT) {
                exchange.getResponseHeaders().add("Location", "/elsewhere" + path);
                exchange.sendResponseHeaders(302, -1);
            } else {
                exchange.getResponseHeaders().add("X-Cache", (cached.add(path) ? "Miss" : "Hit") + " from cloudfront");
                exchange.sendResponseHeaders(200, content.length);
                send(exchange.getResponseBody(), content, now);
            }
        }
    }

    private void send(OutputStream body, byte[] content, Harm now) throws IOException {
        if (now == Harm.CUT) {
            body.write(content, 0, content.length / 2);
            body.flush();
            throw new IOException("cut on purpose");
        }
        if (now == Harm.DRIP || now == Harm.SILENCE) {
            body.flush();
            drip(body, now == Harm.SILENCE);
            return;
        }
        byte[] sent = content;
        if (now == Harm.FLIP) {
            sent = content.clone();
            sent[sent.length / 2] ^= 1;
        }
        body.write(sent);
    }

    private void drip(OutputStream body, boolean dry) throws IOException {
        while (!closed) {
            if (!dry) {
                body.write(0);
                body.flush();
            }
            try {
                synchronized (this) {
                    wait(20);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
