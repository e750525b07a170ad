package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import caravan.alert.SlackStandIn;
import caravan.app.FailureLines;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.localedge.ApiFault;
import caravan.localedge.LocalEdge;
import caravan.localedge.LocalEdges;
import caravan.localedge.LocalInvalidation;
import caravan.localedge.ScriptedOrigin;
import caravan.publish.Publication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The real routes after a publication: what a CDN is asked, and what happens when it does not do it. */
@Timeout(120)
final class EdgeInvalidationTest {

    private static final String TOKEN = "hidden-token";

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("200KB");

    private final HttpClient http = HttpClient.newHttpClient();

    private LocalEdges edges;

    private Publisher publisher;

    private FailureLines log;

    private SlackStandIn slack;

    @BeforeEach
    void setUp() throws Exception {
        edges = LocalEdges.start(
                LocalEdges.Setup.of(site.home().resolve("edges"), site.server().publicUrl())
                        .withoutDistance());
        edges.api().setDelay(Duration.ofMillis(50));
        publisher = site.publisher()
                .set(
                        "caravan.public-url",
                        edges.in("us-east-1").address() + "/" + Publisher.BUCKET + "/" + site.prefix())
                .set("caravan.cdn.retry.delay", "10ms")
                .set("caravan.cdn.retry.attempts", "4")
                .set("caravan.cdn.poll", "20ms");
        slack = SlackStandIn.start();
        publisher.set("caravan.alert.slack.webhook", slack.webhook());
        log = new FailureLines();
    }

    @AfterEach
    void tearDown() {
        log.close();
        slack.close();
        edges.close();
    }

    @Test
    void everyEdgeShowsTheNewSnapshotWhenThePublicationIsOver() throws Exception {
        cloudFront(edges.api().address());
        publisher.publish();
        for (LocalEdge edge : edges.all()) {
            get(edge, "demo/latest");
            assertThat(get(edge, "demo/latest").headers().firstValue("X-Cache")).hasValue("Hit from cloudfront");
        }

        Publication second = publisher.publish();

        for (LocalEdge edge : edges.all()) {
            assertThat(get(edge, "demo/latest").body())
                    .contains(second.snapshot().toString());
        }
        LocalInvalidation asked = edges.api().invalidations().get(0);
        String base = "/" + Publisher.BUCKET + "/" + site.prefix() + "/";
        assertThat(asked.callerReference()).isEqualTo(second.runId());
        assertThat(asked.completed()).isTrue();
        assertThat(asked.paths())
                .containsExactly(
                        base + "demo/latest",
                        base + "demo/" + second.snapshot() + "/regions.json",
                        base + "catalog.json",
                        base + "index.html",
                        base,
                        base + "sync.sh",
                        base + "sync.sh.sig");
        assertThat(edges.api().invalidations()).hasSize(2);
        assertThat(log.failures()).isEmpty();
    }

    @Test
    void recordThatADrillHadSignedAgainIsAtEveryEdgeWhenLatestLeadsToIt() throws Exception {
        cloudFront(edges.api().address());
        publisher.set("caravan.database.demo.drill", "gate");

        Publication publication = publisher.publish();

        LocalInvalidation asked = edges.api().invalidations().stream()
                .filter(each -> each.callerReference().equals(publication.runId() + "-drill"))
                .findFirst()
                .orElseThrow();
        assertThat(asked.paths()).anyMatch(path -> path.endsWith("/demo/" + publication.snapshot() + "/record"));
        for (LocalEdge edge : edges.all()) {
            assertThat(get(edge, "demo/" + publication.snapshot() + "/record").body())
                    .contains("\"drill\":\"passed 20");
        }
        assertThat(log.failures()).isEmpty();
    }

    @Test
    void throttlingAndQuotaAreSurvived() throws Exception {
        cloudFront(edges.api().address());
        edges.api().failNext(2, ApiFault.THROTTLING);
        edges.api().failNext(1, ApiFault.TOO_MANY_INVALIDATIONS);
        edges.api().failNext(1, ApiFault.UNAVAILABLE);

        Publication publication = publisher.publish();

        assertThat(edges.api().invalidations()).hasSize(1).allMatch(LocalInvalidation::completed);
        assertThat(edges.api().invalidations().get(0).callerReference()).isEqualTo(publication.runId());
        assertThat(log.failures()).isEmpty();
    }

    @Test
    void throttlingThatDoesNotEndIsReportedOnce() throws Exception {
        cloudFront(edges.api().address());
        edges.api().failNext(5, ApiFault.THROTTLING);

        publisher.publish();

        assertThat(edges.api().invalidations()).isEmpty();
        assertReported("answered 400 Throttling (Rate exceeded)");
    }

    @Test
    void answerThatGetsLostMakesNoSecondInvalidation() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(edges.api().address())) {
            cloudFront(proxy.endpoint());
            proxy.next(request -> request.method().equals("POST"), new Fault.LoseAnswer(true));

            publisher.publish();

            assertThat(proxy.requests().stream()
                            .filter(request -> request.method().equals("POST")))
                    .hasSize(2);
            assertThat(edges.api().invalidations()).hasSize(1).allMatch(LocalInvalidation::completed);
            assertThat(log.failures()).isEmpty();
        }
    }

    @Test
    void errorsWhileWaitingAreSurvived() throws Exception {
        try (FaultProxy proxy = FaultProxy.before(edges.api().address())) {
            cloudFront(proxy.endpoint());
            proxy.first(2, FaultProxy.gets("/invalidation/"), new Fault.Answer(503, ""));

            publisher.publish();

            assertThat(edges.api().invalidations()).hasSize(1).allMatch(LocalInvalidation::completed);
            assertThat(log.failures()).isEmpty();
        }
    }

    @Test
    void denialIsReportedAndNotTriedAgain() throws Exception {
        cloudFront(edges.api().address());
        edges.api().failNext(1, ApiFault.ACCESS_DENIED);

        publisher.publish();

        assertThat(edges.api().invalidations()).isEmpty();
        assertReported("answered 403 AccessDenied", "need cloudfront:CreateInvalidation");
    }

    @Test
    void unknownDistributionIsReportedAndNotTriedAgain() throws Exception {
        cloudFront(edges.api().address());
        publisher.set("caravan.cloudfront.distribution-id", "EOTHER");

        publisher.publish();

        assertReported("answered 404 NoSuchDistribution", "caravan.cloudfront.distribution-id");
    }

    @Test
    void invalidationThatTakesTooLongIsReported() throws Exception {
        cloudFront(edges.api().address());
        publisher.set("caravan.cdn.deadline", "200ms");
        edges.api().setDelay(Duration.ofHours(1));

        publisher.publish();

        assertReported("it is still in progress after 0 s", "the snapshot is published");
    }

    @Test
    void stopDoesNotWaitForAnInvalidationThatTheCdnGoesOnWith() throws Exception {
        cloudFront(edges.api().address());
        edges.api().setDelay(Duration.ofHours(1));
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        Settings settings = installation.settings();
        try (PipelineBeans beans = new PipelineBeans(installation, settings);
                Pipeline pipeline = Pipeline.load(installation, settings, beans, beans.probe(), false)) {
            pipeline.begin();
            CompletableFuture<Void> published = CompletableFuture.runAsync(() -> {
                try {
                    pipeline.publish(PublishedBucket.DATABASE);
                } catch (CaravanException e) {
                    throw new CompletionException(e);
                }
            });
            await().until(() -> !edges.api().invalidations().isEmpty());

            pipeline.stop();

            assertThat(published).succeedsWithin(Duration.ofSeconds(30));
        }
        assertThat(edges.api().invalidations()).noneMatch(LocalInvalidation::completed);
        assertThat(log.failures()).isEmpty();
    }

    @Test
    void apiThatCannotBeReachedIsReported() throws Exception {
        cloudFront(URI.create("http://127.0.0.1:1"));

        publisher.publish();

        assertReported("cannot reach its API");
    }

    @Test
    void withoutACdnNobodyIsAsked() throws Exception {
        publisher.publish();

        assertThat(edges.api().invalidations()).isEmpty();
        assertThat(log.failures()).isEmpty();
    }

    @Test
    void cloudflareIsAskedByUrlWithTheTokenAndOnceMoreWhenItIsBusy() throws Exception {
        try (ScriptedOrigin cloudflare = new ScriptedOrigin()) {
            String path = "/client/v4/zones/0123abc/purge_cache";
            cloudflare.on(path, exchange -> {
                boolean first = cloudflare.asked().size() == 1;
                byte[] answer = "{\"success\":true,\"errors\":[],\"messages\":[],\"result\":{\"id\":\"0123abc\"}}"
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(first ? 429 : 200, answer.length);
                exchange.getResponseBody().write(answer);
            });
            cloudflare(cloudflare.address());

            Publication publication = publisher.publish();

            String base = edges.in("us-east-1").address() + "/" + Publisher.BUCKET + "/" + site.prefix() + "/";
            assertThat(cloudflare.asked()).hasSize(2).allSatisfy(request -> {
                assertThat(request.method()).isEqualTo("POST");
                assertThat(request.target()).isEqualTo(path);
                assertThat(request.headers()).containsEntry("Authorization", List.of("Bearer " + TOKEN));
                assertThat(request.headers()).containsEntry("Content-type", List.of("application/json"));
                assertThat(request.body())
                        .startsWith("{\"files\":[\"" + base + "demo/latest\",\"" + base + "demo/"
                                + publication.snapshot() + "/regions.json\",\"")
                        .endsWith(base + "sync.sh.sig\"]}");
            });
            assertThat(log.failures()).isEmpty();
            assertThat(log.all()).noneMatch(line -> line.contains(TOKEN));
        }
    }

    @Test
    void denialOfCloudflareIsReportedAndNotTriedAgain() throws Exception {
        try (ScriptedOrigin cloudflare = new ScriptedOrigin()) {
            cloudflare.status("/client/v4/zones/0123abc/purge_cache", 403, "");
            cloudflare(cloudflare.address());

            publisher.publish();

            assertThat(cloudflare.asked()).hasSize(1);
            assertReported("Cloudflare answered with status 403", "caravan.cloudflare.token");
            assertThat(log.all()).noneMatch(line -> line.contains(TOKEN));
        }
    }

    @Test
    @Timeout(30)
    void denialWhoseTextHasNoEndIsReportedAndNotReadToItsEnd() throws Exception {
        try (ScriptedOrigin cloudflare = new ScriptedOrigin()) {
            CompletableFuture<IOException> hungUp = new CompletableFuture<>();
            cloudflare.on("/client/v4/zones/0123abc/purge_cache", exchange -> {
                exchange.sendResponseHeaders(403, 0);
                try {
                    while (true) {
                        exchange.getResponseBody().write(new byte[1 << 16]);
                        exchange.getResponseBody().flush();
                    }
                } catch (IOException e) {
                    hungUp.complete(e);
                }
            });
            cloudflare(cloudflare.address());

            publisher.publish();

            assertReported("Cloudflare answered with status 403", "caravan.cloudflare.token");
            assertThat(hungUp).succeedsWithin(Duration.ofSeconds(30));
        }
    }

    @Test
    void redirectOfTheCloudflareApiIsNotFollowed() throws Exception {
        try (ScriptedOrigin decoy = new ScriptedOrigin();
                ScriptedOrigin cloudflare = new ScriptedOrigin()) {
            cloudflare.on("/client/v4/zones/0123abc/purge_cache", exchange -> {
                exchange.getResponseHeaders().set("Location", decoy.address() + "/steal");
                exchange.sendResponseHeaders(307, -1);
            });
            cloudflare(cloudflare.address());

            publisher.publish();

            assertThat(decoy.asked()).isEmpty();
            assertReported("Cloudflare answered with status 307");
        }
    }

    @Test
    void everyCacheIsPurgedByTheNameThatClientsUseAndOneThatIsDownStopsNoOther() throws Exception {
        try (ScriptedOrigin one = new ScriptedOrigin();
                ScriptedOrigin other = new ScriptedOrigin()) {
            String base = "/" + Publisher.BUCKET + "/" + site.prefix() + "/";
            one.status(base + "demo/latest", 200, "");
            publisher
                    .set("caravan.cdn", "purge")
                    .set("caravan.purge.addresses", one.address() + ",http://127.0.0.1:1," + other.address());

            publisher.publish();

            String host = edges.in("us-east-1").address().getAuthority();
            for (ScriptedOrigin cache : List.of(one, other)) {
                assertThat(cache.asked())
                        .hasSize(7)
                        .allSatisfy(request -> assertThat(request.method()).isEqualTo("PURGE"))
                        .allSatisfy(request -> assertThat(request.headers()).containsEntry("Host", List.of(host)));
                assertThat(cache.asked())
                        .extracting(ScriptedOrigin.Asked::target)
                        .contains(base, base + "demo/latest");
            }
            assertReported("invalidate http://127.0.0.1:1" + base + "demo/latest: cannot reach the cache");
        }
    }

    @Test
    void settingsThatDoNotFitStopTheStart() {
        publisher.set("caravan.cdn", "cloudfront");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.cloudfront.distribution-id is not set");
        publisher.set("caravan.cdn", "cloudflare").set("caravan.cloudflare.zone-id", "0123abc");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.cloudflare.token is not set");
        publisher.set("caravan.cdn", "purge").set("caravan.purge.addresses", "cache-1:6081");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("cache-1:6081");
    }

    @Test
    void cdnForWhichThereIsNoRouteStopsTheStart() {
        publisher.set("caravan.cdn", "fastly");

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("direct:invalidate-fastly")
                .hasMessageContaining("no route answers");
    }

    /** One line, one alert, and the publication went on to its end. */
    private void assertReported(String... words) throws Exception {
        assertThat(log.failures()).hasSize(1);
        assertThat(log.failures().get(0)).contains("what called it goes on").contains(words);
        assertThat(slack.texts()).hasSize(1);
        assertThat(slack.texts().get(0)).contains(words);
        HttpResponse<String> latest = http.send(
                HttpRequest.newBuilder(URI.create(site.server().publicUrl() + "/" + site.prefix() + "/demo/latest"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(latest.statusCode()).isEqualTo(200);
    }

    private void cloudFront(URI endpoint) {
        publisher
                .set("caravan.cdn", "cloudfront")
                .set("caravan.cloudfront.distribution-id", LocalEdges.DISTRIBUTION)
                .set("caravan.cloudfront.endpoint", endpoint.toString())
                .set("caravan.cloudfront.access-key", "key")
                .set("caravan.cloudfront.secret-key", "secret");
    }

    private void cloudflare(URI endpoint) {
        publisher
                .set("caravan.cdn", "cloudflare")
                .set("caravan.cloudflare.endpoint", endpoint.toString())
                .set("caravan.cloudflare.zone-id", "0123abc")
                .set("caravan.cloudflare.token", TOKEN);
    }

    private HttpResponse<String> get(LocalEdge edge, String key) throws Exception {
        return http.send(
                HttpRequest.newBuilder(
                                URI.create(edge.address() + "/" + Publisher.BUCKET + "/" + site.prefix() + "/" + key))
                        .build(),
                BodyHandlers.ofString());
    }
}
