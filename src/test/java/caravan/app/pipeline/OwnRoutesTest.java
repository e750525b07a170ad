package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.alert.SlackStandIn;
import caravan.app.FailureLines;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import caravan.publish.Publication;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Routes that an operator adds as the manual says, and a service that they call: it is busy, refuses, or is down. */
@Timeout(180)
final class OwnRoutesTest {

    private static final String SECRET = "hidden-in-the-address";

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("200KB");

    private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private HttpServer service;

    private Path home;

    private Publisher publisher;

    private PublishedBucket bucket;

    private FailureLines log;

    private SlackStandIn slack;

    @BeforeEach
    void setUp() throws Exception {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        service.createContext("/", this::answer);
        service.start();
        home = Files.createDirectories(site.home().resolve("installed"));
        Files.createDirectories(home.resolve("routes"));
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(route, home.resolve("routes").resolve(route.getFileName()));
            }
        }
        slack = SlackStandIn.start();
        publisher = site.publisher()
                .from(home)
                .set("caravan.cdn.retry.delay", "10ms")
                .set("caravan.cdn.retry.attempts", "2")
                .set("caravan.alert.slack.webhook", slack.webhook());
        bucket = site.bucketOf(publisher);
        log = new FailureLines();
    }

    @AfterEach
    void tearDown() {
        log.close();
        slack.close();
        service.stop(0);
    }

    @Test
    void cdnOfTheManualIsAskedAgainWhileItIsBusy() throws Exception {
        cdnOfTheManual();
        answers.addAll(List.of(429, 503));

        Publication publication = publisher.publish();

        assertThat(asked).hasSize(3);
        assertThat(asked.get(2))
                .startsWith("POST /purge Bearer my-token application/json {")
                .contains(publication.runId(), "/demo/latest");
        assertThat(log.failures()).isEmpty();
        assertThat(slack.texts()).isEmpty();
    }

    @Test
    void cdnOfTheManualThatRefusesIsAskedOnceAndPeopleHearWhoItWas() throws Exception {
        cdnOfTheManual();
        answers.add(403);

        publisher.publish();

        assertThat(asked).hasSize(1);
        assertThat(slack.texts())
                .singleElement()
                .asString()
                .contains(
                        "invalidate-mycdn failed for demo",
                        "call http://" + service() + "/purge: the service answered with status 403");
        requireNoSecretAnywhere();
    }

    @Test
    void cdnOfTheManualThatIsDownIsTriedAgainAndFailsNoPublication() throws Exception {
        cdnOfTheManual();
        service.stop(0);

        publisher.publish();

        assertThat(bucket.latest()).isPresent();
        assertThat(log.all())
                .filteredOn(line -> line.contains("It is tried again"))
                .as("two more after the first")
                .hasSize(2)
                .allMatch(line -> line.contains("cannot reach the service"));
        assertThat(log.all()).noneMatch(line -> line.contains("ExchangeId"));
        assertThat(slack.texts()).singleElement().asString().contains("cannot reach the service");
        requireNoSecretAnywhere();
    }

    @Test
    void serviceThatIsCalledWithoutThatConnectionIsNotTakenForTheNode() throws Exception {
        own(manual("invalidate-mycdn").replace("              httpClientConfigurer: \"#httpConnection\"\n", ""));
        publisher.set("caravan.cdn", "mycdn");
        answers.add(403);

        publisher.publish();

        assertThat(slack.texts())
                .singleElement()
                .asString()
                .contains("called http://" + service() + "/purge: it answered with HTTP status 403")
                .doesNotContain("node");
        requireNoSecretAnywhere();
    }

    @Test
    void webhookOfTheManualThatIsDownKeepsNothingFromBeingDone() throws Exception {
        own(manual("tell-webhook"));
        afterLatest(manual("whatever-becomes-of-the-webhook"));
        Publication publication = publisher.publish();
        assertThat(asked)
                .singleElement()
                .asString()
                .endsWith("{\"database\": \"demo\", \"snapshot\": \"" + publication.snapshot() + "\"}");

        answers.addAll(List.of(500, 500, 500));
        Publication second = publisher.publish();

        assertThat(asked).hasSize(4);
        assertThat(new String(bucket.read("catalog.json"), StandardCharsets.UTF_8))
                .contains(second.snapshot().toString());
        assertThat(slack.texts()).singleElement().asString().contains("tell-webhook failed for demo");
    }

    @Test
    void sendingAfterLatestWithoutGoingOnIsRefused() throws Exception {
        afterLatest("""
                        - to:
                            id: tell-at-any-price
                            uri: http
                            parameters:
                              httpUri: 127.0.0.1:1/hook
                """);

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("40-publish.camel.yaml")
                .hasMessageContaining("after latest has moved");
    }

    @Test
    void whoeverReadsAnAlertIsNotToldThatNothingWasPublishedWhenLatestHasMoved() throws Exception {
        afterLatest("""
                        - throwException:
                            id: fail
                            exceptionType: java.lang.IllegalStateException
                            message: out of luck
                """);

        assertThatThrownBy(publisher::publish).isInstanceOf(FailedException.class);

        assertThat(bucket.latest()).isPresent();
        assertThat(slack.texts())
                .singleElement()
                .asString()
                .contains("demo is published, but not all that follows is done", "out of luck", "the new snapshot")
                .doesNotContain("the snapshot before");
    }

    private void cdnOfTheManual() throws IOException {
        own(manual("invalidate-mycdn"));
        publisher.set("caravan.cdn", "mycdn");
    }

    private void own(String route) throws IOException {
        Files.writeString(
                home.resolve("routes/95-own.camel.yaml"),
                route.replace("uri: https", "uri: http")
                        .replaceFirst("httpUri: [a-z.]+/([a-z]+)", "httpUri: " + service() + "/$1?key=" + SECRET)
                        .replace("{{env:MYCDN_TOKEN}}", "my-token"));
    }

    private void afterLatest(String steps) throws IOException {
        Path file = home.resolve("routes/40-publish.camel.yaml");
        String moved = "            method: moveLatest\n";
        String routes = Files.readString(file);
        assertThat(routes).contains(moved);
        Files.writeString(file, routes.replace(moved, moved + steps));
    }

    /** The block of YAML in the manual that has this id. */
    private static String manual(String id) throws IOException {
        return Arrays.stream(Files.readString(Path.of("docs/operations.md")).split("```", -1))
                .filter(block -> block.startsWith("yaml\n") && block.contains("id: " + id + "\n"))
                .findFirst()
                .orElseThrow()
                .substring("yaml\n".length());
    }

    private String service() {
        return "127.0.0.1:" + service.getAddress().getPort();
    }

    private void requireNoSecretAnywhere() {
        assertThat(log.all()).noneMatch(line -> line.contains(SECRET));
        assertThat(slack.texts()).noneMatch(text -> text.contains(SECRET));
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.add(String.join(
                " ",
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                exchange.getRequestHeaders()
                        .getOrDefault("Authorization", List.of("-"))
                        .get(0),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        Integer status = answers.poll();
        exchange.sendResponseHeaders(status == null ? 200 : status, -1);
        exchange.close();
    }
}
