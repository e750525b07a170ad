package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Edges of a CDN that nobody here has written: one nginx with a cache of its own for each, before one origin. They say
 * {@code X-Cache} and a POP as CloudFront does, and keep what is not there for ten minutes.
 */
public final class NginxEdges implements AutoCloseable {

    private final Path directory;

    private final Map<String, Integer> ports = new LinkedHashMap<>();

    private final Process process;

    private NginxEdges(Path directory, URI origin, List<String> pops) throws IOException {
        this.directory = Files.createDirectories(directory);
        for (String pop : pops) {
            ports.put(pop, freePort());
        }
        Path config = Files.writeString(directory.resolve("nginx.conf"), configuration(origin));
        process = new ProcessBuilder(program("nginx").toString(), "-p", directory + "/", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    /** Starts an edge for each of {@code pops}; skips the test where nginx is not installed. */
    public static NginxEdges start(Path directory, URI origin, List<String> pops) throws IOException {
        assumeInstalled("nginx");
        NginxEdges edges = new NginxEdges(directory, origin, pops);
        edges.ports.values().forEach(port -> awaitListening(port, edges.process));
        return edges;
    }

    /** Where the edge of {@code pop} listens, on this machine. */
    public int port(String pop) {
        return ports.get(pop);
    }

    /** Every request that the edge of {@code pop} has answered: host, path, what its cache did, status. */
    public List<String> requests(String pop) throws IOException {
        Path log = directory.resolve(pop + ".log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /** Empties the cache of {@code pop}. */
    public void purge(String pop) throws IOException {
        for (Path file : cached(pop)) {
            Files.delete(file);
        }
    }

    /** What the cache of {@code pop} keeps. */
    public List<Path> cached(String pop) throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("cache-" + pop))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String configuration(URI origin) {
        StringBuilder servers = new StringBuilder();
        ports.forEach((pop, port) -> servers.append("""
                  log_format log_%3$s '$host $request_uri $upstream_cache_status $status';
                  proxy_cache_path cache-%1$s keys_zone=zone_%3$s:2m inactive=1d;
                  server {
                    listen 127.0.0.1:%2$d;
                    access_log %1$s.log log_%3$s;
                    location / {
                      proxy_pass %4$s/;
                      proxy_cache zone_%3$s;
                      proxy_cache_lock on;
                      proxy_cache_valid 200 1d;
                      proxy_cache_valid 404 10m;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      add_header X-Cache $upstream_cache_status always;
                      add_header X-Amz-Cf-Pop %1$s always;
                    }
                  }
                """.formatted(pop, port, pop.replace('-', '_'), origin)));
        return """
                daemon off;
                master_process off;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 512; }
                http {
                  client_body_temp_path tmp-body;
                  proxy_temp_path tmp-proxy;
                  fastcgi_temp_path tmp-fastcgi;
                  uwsgi_temp_path tmp-uwsgi;
                  scgi_temp_path tmp-scgi;
                  keepalive_timeout 60;
                """ + servers + "}\n";
    }

    /** A port of the loopback interface that nobody listens on. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static void awaitListening(int port, Process process) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
            assertThat(process.isAlive()).as("the server on port %d", port).isTrue();
            new Socket(InetAddress.getLoopbackAddress(), port).close();
        });
    }

    static void assumeInstalled(String program) {
        assumeTrue(program(program) != null, program + " is not installed, so it cannot take part in the test");
    }

    /** Where a program is; {@code null} if nowhere. Servers are not always in the path of users. */
    static Path program(String name) {
        List<String> places = new ArrayList<>(List.of(System.getenv("PATH").split(File.pathSeparator, -1)));
        places.add("/usr/sbin");
        return places.stream()
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }
}
