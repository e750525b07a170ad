package caravan.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.edge.Invalidation;
import caravan.edge.InvalidationProgress;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The SDK's own client against a server that says what CloudFront's API reference says. */
@Timeout(60)
final class CloudFrontInvalidationsTest {

    private static final String NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

    private static final Duration AMPLE = Duration.ofSeconds(30);

    private static final Instant NOW = Instant.parse("2026-11-22T08:33:00Z");

    private static final Invalidation REQUEST = new Invalidation(
            "20261122T083300Z-1a2b", URI.create("https://cdn.example.org"), List.of("/s/demo/latest", "/s/a&b"));

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private HttpServer server;

    private volatile int status;

    private volatile String answer;

    private CloudFrontInvalidations invalidations;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n"
                    + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            byte[] body = answer.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/xml");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        invalidations = at(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
    }

    @AfterEach
    void stop() {
        invalidations.close();
        server.stop(0);
    }

    @Test
    void requestIsTheOneOfTheApiReference() throws Exception {
        say(201, invalidation("InProgress"));

        InvalidationProgress progress = invalidations.create(REQUEST);

        assertThat(progress).isEqualTo(new InvalidationProgress(REQUEST, "IDFDVBD632BHDS5", NOW, false));
        assertThat(asked)
                .containsExactly("POST /2020-05-31/distribution/EDFDVBD6EXAMPLE/invalidation\n"
                        + "<?xml version=\"1.0\" encoding=\"UTF-8\"?><InvalidationBatch xmlns=\"" + NAMESPACE + "\">"
                        + "<Paths><Quantity>2</Quantity><Items><Path>/s/demo/latest</Path><Path>/s/a&amp;b</Path></Items>"
                        + "</Paths><CallerReference>20261122T083300Z-1a2b</CallerReference></InvalidationBatch>");
    }

    @Test
    void lookTellsWhetherItIsCompleted() throws Exception {
        InvalidationProgress begun = new InvalidationProgress(REQUEST, "IDFDVBD632BHDS5", NOW, false);

        say(200, invalidation("InProgress"));
        assertThat(invalidations.look(begun).isUnderWay()).isTrue();
        say(200, invalidation("Completed"));
        assertThat(invalidations.look(begun))
                .isEqualTo(new InvalidationProgress(REQUEST, "IDFDVBD632BHDS5", NOW, true));
        assertThat(asked).containsOnly("GET /2020-05-31/distribution/EDFDVBD6EXAMPLE/invalidation/IDFDVBD632BHDS5\n");
    }

    @ParameterizedTest
    @CsvSource({
        "400, Throttling,                     75, tried again",
        "400, TooManyInvalidationsInProgress, 75, '3,000 paths'",
        "503, ServiceUnavailable,             75, tried again",
        "500, InternalError,                  75, tried again",
        "429, '',                             75, tried again",
        "403, AccessDenied,                   2,  cloudfront:CreateInvalidation",
        "403, SignatureDoesNotMatch,          2,  caravan.cloudfront.access-key",
        "403, ExpiredToken,                   2,  caravan.cloudfront.access-key",
        "404, NoSuchDistribution,             2,  caravan.cloudfront.distribution-id",
        "400, InvalidationBatchAlreadyExists, 1,  caravan.cloudfront.endpoint",
        "400, InvalidArgument,                1,  caravan.cloudfront.endpoint",
    })
    void answerIsSaidInOneLineAndTellsWhetherToTryAgain(int told, String code, int exit, String hint) {
        say(
                told,
                "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"" + NAMESPACE + "\"><Error><Type>Sender</Type><Code>"
                        + code + "</Code><Message>What it says\nin two lines</Message></Error>"
                        + "<RequestId>1-2-3</RequestId></ErrorResponse>");

        CaravanException failure = failure();

        assertThat(failure.exitStatus()).isEqualTo(exit);
        assertThat(failure.hint()).contains(hint);
        assertThat(failure.getMessage())
                .startsWith("cannot invalidate 2 paths of CloudFront distribution EDFDVBD6EXAMPLE at http://127.0.0.1:")
                .contains("answered " + told + (code.isEmpty() ? "" : " " + code))
                .doesNotContain("\n");
        assertThat(asked).hasSize(1);
    }

    @Test
    void answerOfSomethingElseIsAFailure() {
        say(200, "<html><body>It works!</body></html>");

        assertThat(failure()).isInstanceOf(FailedException.class);
    }

    @Test
    void refusedConnectionMayPass() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        try (CloudFrontInvalidations nowhere = at(URI.create("http://127.0.0.1:" + free))) {
            TransientException failure = catchThrowableOfType(TransientException.class, () -> nowhere.create(REQUEST));
            assertThat(failure).hasMessageContaining("cannot reach its API").hasMessageContaining("refused");
        }
    }

    @Test
    void silentServerMayPass() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                CloudFrontInvalidations client =
                        at(URI.create("http://127.0.0.1:" + silent.getLocalPort()), Duration.ofMillis(500))) {
            assertThat(catchThrowableOfType(TransientException.class, () -> client.create(REQUEST)))
                    .hasMessageContaining("cannot reach its API");
        }
    }

    @Test
    void secretIsInNoMessage() {
        say(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");

        CaravanException failure = failure();

        assertThat(failure).isInstanceOf(WrongUsageException.class);
        assertThat(failure.getMessage() + failure.hint()).doesNotContain("hidden-word");
        assertThat(settings(URI.create("http://127.0.0.1:1"), AMPLE).toString()).doesNotContain("hidden-word");
    }

    private CaravanException failure() {
        return catchThrowableOfType(CaravanException.class, () -> invalidations.create(REQUEST));
    }

    private void say(int told, String body) {
        status = told;
        answer = body;
    }

    private static String invalidation(String state) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Invalidation xmlns=\"" + NAMESPACE
                + "\"><Id>IDFDVBD632BHDS5</Id><Status>" + state
                + "</Status><CreateTime>2026-11-22T08:33:00.123Z</CreateTime><InvalidationBatch><Paths>"
                + "<Quantity>1</Quantity><Items><Path>/s/demo/latest</Path></Items></Paths>"
                + "<CallerReference>20261122T083300Z-1a2b</CallerReference></InvalidationBatch></Invalidation>";
    }

    private static CloudFrontInvalidations at(URI endpoint) {
        return at(endpoint, AMPLE);
    }

    private static CloudFrontInvalidations at(URI endpoint, Duration patience) {
        return new CloudFrontInvalidations(settings(endpoint, patience), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static CloudFrontSettings settings(URI endpoint, Duration patience) {
        return new CloudFrontSettings(
                "EDFDVBD6EXAMPLE",
                Optional.of(endpoint),
                new S3Settings.Credentials.Keys("key", "hidden-word"),
                patience);
    }
}
