package caravan.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;

/**
 * An HTTP server on the loopback interface that passes each request on to another one, except for those that a rule
 * says something else about.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.before(localS3.endpoint())) {
 *     proxy.next(FaultProxy.puts("/chunks/"), Fault.loseAnswer());      // the next chunk arrives, its answer does not
 *     proxy.first(3, FaultProxy.puts("/latest"), Fault.answer(503));    // then busy three times
 *     proxy.always(request -> true, Fault.dropHeader(REQUEST, "If-None-Match"));
 *     ... use proxy.endpoint() as the S3 endpoint ...
 *     assertThat(proxy.requests()).hasSize(7);
 * }
 * }</pre>
 *
 * <p>For each request the first rule that still applies decides. Rules may be added at any time. Every connection
 * carries one request, in both directions, which hides nothing but the reuse of connections. A request body has a
 * length. An S3 server that checks signatures notices a signed header (If-None-Match,
 * x-amz-*) that is missing: for those the server behind must be one that does not ask for keys.
 */
public final class FaultProxy implements AutoCloseable {

    private final URI upstream;
    private final String scheme;
    private final ServerSocketFactory sockets;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fault-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<Request> seen = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;
    private volatile ServerSocket listener;

    /**
     * A request as it came in.
     *
     * @param method like {@code PUT}
     * @param target path and query, as sent
     * @param headers lines, as sent
     */
    public record Request(String method, String target, List<String> headers) {

        /** Value of the header, empty if it is not there. */
        public String header(String name) {
            return headers.stream()
                    .filter(line -> Http.isNamed(line, name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        long contentLength() {
            String length = header("Content-Length");
            return length.isEmpty() ? 0 : Long.parseLong(length);
        }
    }

    /** Which requests, how many of them to let pass first, for how many a fault is left. */
    private record Rule(Predicate<Request> which, AtomicInteger skip, AtomicInteger left, Fault fault) {

        private boolean takes(Request request) {
            return which.test(request) && skip.getAndDecrement() <= 0 && left.getAndDecrement() > 0;
        }
    }

    private FaultProxy(URI upstream, String scheme, ServerSocketFactory sockets) throws IOException {
        this.upstream = upstream;
        this.scheme = scheme;
        this.sockets = sockets;
        listen(0);
        this.port = listener.getLocalPort();
    }

    private void listen(int number) throws IOException {
        ServerSocket socket = sockets.createServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number), 200);
        listener = socket;
        threads.execute(() -> accept(socket));
    }

    /** A proxy that speaks plain HTTP with its clients and with {@code upstream}. */
    public static FaultProxy before(URI upstream) throws IOException {
        return new FaultProxy(upstream, "http", ServerSocketFactory.getDefault());
    }

    /** A proxy that speaks TLS with its clients, and plain HTTP with {@code upstream}. */
    public static FaultProxy before(URI upstream, SSLContext certificate) throws IOException {
        return new FaultProxy(upstream, "https", certificate.getServerSocketFactory());
    }

    /** PUT requests whose path has {@code part} in it. */
    public static Predicate<Request> puts(String part) {
        return request -> request.method().equals("PUT") && request.target().contains(part);
    }

    /** GET requests whose path has {@code part} in it. */
    public static Predicate<Request> gets(String part) {
        return request -> request.method().equals("GET") && request.target().contains(part);
    }

    /** Where clients reach it: {@code http://localhost:<port>}, or {@code https}. */
    public URI endpoint() {
        return URI.create(scheme + "://localhost:" + port);
    }

    /** Every request so far, in the order of arrival. */
    public List<Request> requests() {
        return List.copyOf(seen);
    }

    /** The next request of this kind meets the fault. */
    public FaultProxy next(Predicate<Request> which, Fault fault) {
        return first(1, which, fault);
    }

    /** The next {@code count} requests of this kind meet the fault. */
    public FaultProxy first(int count, Predicate<Request> which, Fault fault) {
        rules.add(new Rule(which, new AtomicInteger(), new AtomicInteger(count), fault));
        return this;
    }

    /** The {@code number}-th request of this kind from now on, counted from 1, meets the fault. */
    public FaultProxy nth(int number, Predicate<Request> which, Fault fault) {
        rules.add(new Rule(which, new AtomicInteger(number - 1), new AtomicInteger(1), fault));
        return this;
    }

    /** Every request of this kind meets the fault. */
    public FaultProxy always(Predicate<Request> which, Fault fault) {
        return first(Integer.MAX_VALUE, which, fault);
    }

    /** Forgets all rules and all requests. */
    public void clear() {
        rules.clear();
        seen.clear();
    }

    /** Goes down as a server does: what is open breaks, who comes is refused. */
    public void goDown() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** Is there again, at the same address. */
    public void comeBack() throws IOException {
        listen(port);
    }

    /** Closes every connection, stalled ones too. */
    @Override
    public void close() throws IOException {
        goDown();
        threads.shutdownNow();
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket client = socket.accept();
                open.add(client);
                threads.execute(() -> serve(client));
            }
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket client) {
        Socket server = new Socket();
        open.add(server);
        try (client;
                server) {
            List<String> head = Http.readHead(client.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            String[] words = head.get(0).split(" ", 3);
            Request request = new Request(words[0], words[1], List.copyOf(head.subList(1, head.size())));
            seen.add(request);
            Http exchange = new Http(client, request, faultFor(request));
            if (!exchange.answersAlone()) {
                server.connect(new InetSocketAddress(upstream.getHost(), upstream.getPort()));
                exchange.pass(server);
            }
        } catch (IOException e) {
            // One side hung up, or a fault said so: both connections are closed now, which is all there is to do.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
            open.remove(server);
        }
    }

    private Fault faultFor(Request request) {
        return rules.stream()
                .filter(rule -> rule.takes(request))
                .findFirst()
                .map(Rule::fault)
                .orElse(Fault.none());
    }
}
