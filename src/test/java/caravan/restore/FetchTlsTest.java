package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.aws.Certificates;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.signature.SigningKey;
import caravan.snapshot.Engine;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client talks to over TLS, and names that lead nowhere. */
class FetchTlsTest {

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/a.sst", Trees.bytes(5000, 1));
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Bucket bucket;
    private HttpsServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void publish() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        bucket.point(bucket.publish(tree, snapshot(1), false, store("db/full", Engine.ROCKSDB, 1000)), 1);
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
    }

    @Test
    void whoIsCertifiedByANamedAuthorityIsBelieved() throws Exception {
        Certificates certificates = start("localhost");

        client.fetch(
                url(),
                target,
                Expectations.NONE,
                client.settings().withAuthorities(List.of(certificates.pem())),
                Client.NOW);

        Trees.assertExact(target, tree);
    }

    @Test
    void whoIsCertifiedByNobodyWeTrustIsAskedForNothing() throws Exception {
        start("localhost");

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(CaravanException.class)
                .hasMessageContaining(url());

        assertThat(requests).isEmpty();
        assertThat(Trees.list(target.getParent())).isEmpty();
    }

    @Test
    void aCertificateForAnotherHostIsWorthNothing() throws Exception {
        Certificates certificates = start("elsewhere.example");

        assertThatThrownBy(() -> client.fetch(
                        url(),
                        target,
                        Expectations.NONE,
                        client.settings().withAuthorities(List.of(certificates.pem())),
                        Client.NOW))
                .isInstanceOf(CaravanException.class)
                .hasMessageContaining(url());

        assertThat(requests).isEmpty();
        assertThat(Trees.list(target.getParent())).isEmpty();
    }

    @Test
    void aHostThatNobodyKnowsMayBeKnownLater() throws Exception {
        assertThatThrownBy(() -> client.fetch("http://no-such-host.invalid/snapshots/demo", target))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("no-such-host.invalid");

        assertThat(Trees.list(target.getParent())).isEmpty();
    }

    private Certificates start(String host) throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, host);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.server()));
        server.setExecutor(threads);
        server.createContext("/snapshots/", this::answer);
        server.start();
        return certificates;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath().replaceFirst("^/snapshots/", "");
            requests.add(path);
            byte[] content = bucket.get(path);
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
        }
    }

    private String url() {
        return "https://localhost:" + server.getAddress().getPort() + "/snapshots/demo";
    }
}
