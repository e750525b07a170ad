package caravan.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.aws.S3Settings.Addressing;
import caravan.aws.S3Settings.Credentials;
import caravan.aws.S3Settings.Endpoint;
import caravan.aws.S3Settings.Limits;
import caravan.aws.S3Settings.Trust;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.locals3.OpenS3;
import caravan.pace.RateLimit;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.StoredObject;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.S3Client;

/** Ways to reach a bucket, right and wrong. */
@Timeout(60)
final class S3ClientsTest {

    private static final Content CONTENT = Content.of("x".getBytes(UTF_8), Content.OCTETS, CachePolicy.IMMUTABLE);

    @TempDir
    static Path directory;

    private static LocalS3 server;

    @BeforeAll
    static void start() throws Exception {
        server = LocalS3.start(directory.resolve("store"), "snapshots", "key", "hidden-word");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void wrongSecretIsSaidToBeAMatterOfSettings() {
        assertThat(failureOf(with(server.endpoint(), "snapshots", "key", "other-hidden-word")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("403 SignatureDoesNotMatch")
                .hasMessageContaining("s3://snapshots/polkadot-main at " + server.endpoint())
                .hasMessageNotContaining("hidden-word")
                .extracting(CaravanException::hint)
                .isEqualTo("check caravan.s3.access-key and caravan.s3.secret-key");
    }

    @Test
    void unknownAccessKeyIsSaidToBeAMatterOfSettings() {
        assertThat(failureOf(with(server.endpoint(), "snapshots", "nobody", "hidden-word")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("403");
    }

    @Test
    void wrongBucketIsNamed() {
        assertThat(failureOf(with(server.endpoint(), "snapshot", "key", "hidden-word")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("404 NoSuchBucket")
                .hasMessageContaining("s3://snapshot/")
                .extracting(CaravanException::hint)
                .asString()
                .contains("caravan.s3.bucket");
    }

    @ParameterizedTest
    @CsvSource({"404, <html>Not Found</html>", "404, ''", "405, <html>Method Not Allowed</html>"})
    void webServerThatKnowsNoBucketIsNoStore(int status, String page) throws Exception {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status, page.isEmpty() ? -1 : page.length());
            exchange.getResponseBody().write(page.getBytes(UTF_8));
            exchange.close();
        });
        web.start();
        try {
            URI address = URI.create("http://127.0.0.1:" + web.getAddress().getPort());

            CaravanException failure = catchThrowableOfType(
                    CaravanException.class, () -> read(with(address, "snapshots", "key", "hidden-word")));
            assertThat(failure)
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining("answered " + status + " without a code, which is not an answer of S3")
                    .extracting(CaravanException::hint)
                    .asString()
                    .contains("caravan.s3.endpoint");
        } finally {
            web.stop(0);
        }
    }

    @Test
    void keyThatIsMissingInABucketIsNoneAndNoFailure() throws Exception {
        assertThat(read(with(server.endpoint(), "snapshots", "key", "hidden-word")))
                .isEmpty();
    }

    @Test
    void nothingListeningIsWorthAnotherTry() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        assertThat(failureOf(with(URI.create("http://127.0.0.1:" + free), "snapshots", "key", "hidden-word")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("cannot reach it")
                .hasMessageContaining("http://127.0.0.1:" + free);
    }

    @Test
    void unknownHostIsNamed() {
        assertThat(failureOf(with(URI.create("http://s3.invalid"), "snapshots", "key", "hidden-word")))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("s3.invalid")
                .hasMessageContaining("host name is not known");
    }

    @Test
    void missingCredentialsAreSaidToBeMissing() {
        String before = System.setProperty("aws.disableEc2Metadata", "true");
        try {
            S3Settings settings = changed(
                    new Endpoint.Server(server.endpoint()),
                    new Credentials.DefaultChain(),
                    Addressing.AUTO,
                    new Trust.Platform());

            assertThat(failureOf(settings))
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining("there are no credentials");
        } finally {
            if (before == null) {
                System.clearProperty("aws.disableEc2Metadata");
            }
        }
    }

    @Test
    void certificateOfAnOwnAuthorityIsTrustedWhenNamed() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, "localhost");
        try (FaultProxy tls = FaultProxy.before(server.endpoint(), certificates.server())) {
            store(changed(
                    new Endpoint.Server(tls.endpoint()),
                    new Credentials.Keys("key", "hidden-word"),
                    Addressing.AUTO,
                    new Trust.PlatformAnd(certificates.pem())));

            assertThat(tls.requests()).hasSize(1);
            assertThat(tls.requests().get(0).header("x-amz-content-sha256"))
                    .as("the body is not read twice over TLS")
                    .isEqualTo("UNSIGNED-PAYLOAD");
        }
    }

    @Test
    void certificateOfAnUnknownAuthorityIsNotTrusted() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, "localhost");
        try (FaultProxy tls = FaultProxy.before(server.endpoint(), certificates.server())) {
            assertThat(failureOf(with(tls.endpoint(), "snapshots", "key", "hidden-word")))
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining("certificate is not trusted")
                    .extracting(CaravanException::hint)
                    .asString()
                    .contains("caravan.s3.ca-file");
            assertThat(tls.requests()).isEmpty();
        }
    }

    @Test
    void certificateOfAnotherHostIsNotTrusted() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, "elsewhere.example");
        try (FaultProxy tls = FaultProxy.before(server.endpoint(), certificates.server())) {
            assertThat(failureOf(changed(
                            new Endpoint.Server(tls.endpoint()),
                            new Credentials.Keys("key", "hidden-word"),
                            Addressing.AUTO,
                            new Trust.PlatformAnd(certificates.pem()))))
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining("certificate is not trusted");
        }
    }

    @Test
    void fileWithoutCertificatesIsRefusedByName() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "");

        assertThatThrownBy(() -> S3Clients.build(changed(
                        new Endpoint.Server(server.endpoint()),
                        new Credentials.Keys("key", "hidden-word"),
                        Addressing.AUTO,
                        new Trust.PlatformAnd(empty))))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining(empty.toString());
        assertThatThrownBy(() -> TrustedCertificates.platformAnd(directory.resolve("missing.pem")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("missing.pem");
    }

    @Test
    void httpsToAPlainServerIsSaidToBeNoTls() {
        URI https = URI.create("https://127.0.0.1:" + server.endpoint().getPort());

        assertThat(failureOf(with(https, "snapshots", "key", "hidden-word")))
                .isInstanceOf(TransientException.class)
                .extracting(CaravanException::hint)
                .asString()
                .contains("https");
    }

    @Test
    void bucketGoesIntoTheHostWhenAskedFor() throws Exception {
        try (OpenS3 open = OpenS3.start(directory.resolve("open"), "snapshots");
                FaultProxy proxy = FaultProxy.before(open.endpoint())) {
            S3Settings settings = changed(
                    new Endpoint.Server(proxy.endpoint()),
                    new Credentials.Keys("key", "hidden-word"),
                    Addressing.VIRTUAL_HOST,
                    new Trust.Platform());
            try (S3Client client =
                    S3Clients.build(settings, RateLimit.unlimited(), S3ClientsTest::withEveryNameOnThisMachine)) {
                new S3ObjectStore(client, settings).put("catalog.json", CONTENT);
            }

            assertThat(proxy.requests().get(0).header("Host"))
                    .isEqualTo("snapshots.localhost:" + proxy.endpoint().getPort());
            assertThat(proxy.requests().get(0).target()).isEqualTo("/polkadot-main/catalog.json");
            assertThat(directory.resolve("open/snapshots/polkadot-main/catalog.json"))
                    .exists();
        }
    }

    @Test
    void addressingFollowsTheServerUnlessSet() {
        Credentials keys = new Credentials.Keys("key", "hidden-word");
        Endpoint other = new Endpoint.Server(server.endpoint());

        assertThat(changed(new Endpoint.Aws(), keys, Addressing.AUTO, new Trust.Platform())
                        .pathStyle())
                .isFalse();
        assertThat(changed(new Endpoint.Aws(), keys, Addressing.PATH, new Trust.Platform())
                        .pathStyle())
                .isTrue();
        assertThat(changed(other, keys, Addressing.AUTO, new Trust.Platform()).pathStyle())
                .isTrue();
        assertThat(changed(other, keys, Addressing.VIRTUAL_HOST, new Trust.Platform())
                        .pathStyle())
                .isFalse();
    }

    @Test
    void refusalsDoNotSpoilTheConnectionsOfOthers() throws Exception {
        S3Settings settings = with(server.endpoint(), "snapshots", "key", "hidden-word");
        Content large = Content.of(new byte[2 << 20], Content.OCTETS, CachePolicy.IMMUTABLE);
        try (S3Client client = S3Clients.build(settings)) {
            S3ObjectStore store = new S3ObjectStore(client, settings);
            store.put("taken", CONTENT);
            List<Callable<Void>> calls = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int own = thread;
                calls.add(() -> {
                    for (int round = 0; round < 10; round++) {
                        assertThat(store.create("taken", large)).isEqualTo(CreateOutcome.ALREADY_THERE);
                        assertThat(store.create("own/" + own + "-" + round, CONTENT))
                                .isEqualTo(CreateOutcome.CREATED);
                        assertThat(store.head("nothing")).isEmpty();
                    }
                    return null;
                });
            }

            ExecutorService threads = Executors.newFixedThreadPool(calls.size());
            try {
                for (Future<Void> call : threads.invokeAll(calls)) {
                    call.get();
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static PoolingHttpClientConnectionManagerBuilder withEveryNameOnThisMachine(
            PoolingHttpClientConnectionManagerBuilder connections) {
        return connections.setDnsResolver(new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) {
                return new InetAddress[] {InetAddress.getLoopbackAddress()};
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        });
    }

    private static void store(S3Settings settings) throws CaravanException {
        try (S3Client client = S3Clients.build(settings)) {
            new S3ObjectStore(client, settings).put("catalog.json", CONTENT);
        }
    }

    private static Optional<StoredObject> read(S3Settings settings) throws CaravanException {
        try (S3Client client = S3Clients.build(settings)) {
            return new S3ObjectStore(client, settings).read("catalog.json", 100);
        }
    }

    private static CaravanException failureOf(S3Settings settings) {
        return catchThrowableOfType(CaravanException.class, () -> store(settings));
    }

    private static S3Settings with(URI endpoint, String bucket, String accessKey, String secretKey) {
        return S3Settings.of(endpoint, bucket, "polkadot-main", accessKey, secretKey);
    }

    private static S3Settings changed(Endpoint endpoint, Credentials credentials, Addressing addressing, Trust trust) {
        return new S3Settings(
                endpoint,
                S3Settings.ANY_REGION,
                "snapshots",
                "polkadot-main",
                credentials,
                addressing,
                trust,
                new Limits(Duration.ofSeconds(3), Duration.ofSeconds(10), 20));
    }
}
