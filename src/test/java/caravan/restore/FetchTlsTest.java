package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.aws.Certificates;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom the client talks to over TLS, and names that lead nowhere. */
class FetchTlsTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/a.sst", Trees.bytes(5000, 1));
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpsServer https;

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
    }

    @AfterEach
    void stop() {
        if (https != null) {
            https.stop(0);
        }
        threads.shutdownNow();
    }

    @Test
    void whoIsCertifiedByANamedAuthorityIsBelieved() throws Exception {
        Certificates certificates = start("localhost");

        demo.client()
                .fetch(
                        url(),
                        target,
                        Expectations.NONE,
                        demo.client().settings().withAuthorities(List.of(certificates.pem())),
                        Client.NOW);

        Trees.assertExact(target, tree);
    }

    @Test
    void whoIsCertifiedByNobodyWeTrustIsAskedForNothing() throws Exception {
        start("localhost");

        assertThatThrownBy(() -> demo.client().fetch(url(), target))
                .isInstanceOf(CaravanException.class)
                .hasMessageContaining(url());

        assertThat(requests).isEmpty();
        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    @Test
    void aCertificateForAnotherHostIsWorthNothing() throws Exception {
        Certificates certificates = start("elsewhere.example");

        assertThatThrownBy(() -> demo.client()
                        .fetch(
                                url(),
                                target,
                                Expectations.NONE,
                                demo.client().settings().withAuthorities(List.of(certificates.pem())),
                                Client.NOW))
                .isInstanceOf(CaravanException.class)
                .hasMessageContaining(url());

        assertThat(requests).isEmpty();
        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    @Test
    void aHostThatNobodyKnowsMayBeKnownLater() throws Exception {
        assertThatThrownBy(() -> demo.client().fetch("http://no-such-host.invalid/snapshots/demo", target))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("no-such-host.invalid");

        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    private Certificates start(String host) throws Exception {
        Certificates certificates = Certificates.selfSigned(demo.directory(), host);
        https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        https.setHttpsConfigurator(new HttpsConfigurator(certificates.server()));
        https.setExecutor(threads);
        https.createContext("/snapshots/", this::answer);
        https.start();
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
        return "https://localhost:" + https.getAddress().getPort() + "/snapshots/demo";
    }
}
