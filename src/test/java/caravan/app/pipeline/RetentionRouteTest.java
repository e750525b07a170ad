package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.alert.SlackStandIn;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.localedge.ApiFault;
import caravan.localedge.LocalEdges;
import caravan.localedge.LocalInvalidation;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.StoredAs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The routes that delete, on a real S3, and what people hear of it. Time passes by making objects older. */
@Timeout(120)
final class RetentionRouteTest {

    private static final String EACH_SECOND = "* * * * * ?";

    private static final String ONCE_A_WEEK = "0 0 12 ? * SUN";

    private static final Duration LONG = Duration.ofSeconds(60);

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("200KB");

    private Publisher publisher;

    private PublishedBucket bucket;

    private SlackStandIn slack;

    @BeforeEach
    void setUp() throws Exception {
        slack = SlackStandIn.start();
        publisher = site.publisher()
                .set("caravan.alert.slack.webhook", slack.webhook())
                .set("caravan.cdn.retry.attempts", "1")
                .set("caravan.cdn.retry.delay", "10ms")
                .set("caravan.cdn.poll", "20ms")
                .set("caravan.retain.schedule", ONCE_A_WEEK)
                .set("caravan.retain.promise", "0s")
                .set("caravan.retain.keep-last", "1")
                .set("caravan.retain.grace", "1h")
                .set("caravan.retain.largest-share", "100");
        bucket = site.bucketOf(publisher);
    }

    @AfterEach
    void stopSlack() throws Exception {
        slack.close();
    }

    @Test
    void onItsScheduleWhatNobodyIsPromisedGoesAndTheLatestIsWhole() throws Exception {
        Publication old = publishTwo();
        Set<String> needed = chunksOfLatest();
        publisher.set("caravan.retain.schedule", EACH_SECOND);

        try (PipelineBeans beans = beans();
                Pipeline pipeline = load(beans, true)) {
            pipeline.begin();
            await().atMost(LONG).until(() -> isGone(old) && bucket.names().contains(BucketPaths.candidates()));
            bucket.makeOlder(Duration.ofHours(2), BucketPaths.candidates());
            await().atMost(LONG).until(() -> bucket.chunkNames().equals(needed));
            beans.stop();
        }

        assertThat(bucket.latest()).isPresent();
        assertThat(slack.texts()).isEmpty();
    }

    @Test
    void nothingIsDeletedWithoutASchedule() throws Exception {
        publishTwo();
        publisher.leave("caravan.retain.schedule");
        Set<String> before = bucket.names();

        try (PipelineBeans beans = beans();
                Pipeline pipeline = load(beans, true)) {
            assertThat(pipeline.camel().getRoute("collect-on-schedule")).isNull();
            assertThat(pipeline.camel().getRoute("collect-unneeded")).isNotNull();
        }
        Exchange asked = collect();

        assertThat(asked.getException()).isInstanceOf(WrongUsageException.class);
        assertThat(bucket.names()).containsAll(before);
    }

    @Test
    void muchWaitsForAWordWhichPeopleAreAskedForOnce() throws Exception {
        Publication old = publishTwo();
        publisher.set("caravan.retain.largest-share", "1");
        Set<String> before = bucket.names();
        String token;
        try (RetentionBeans beans = retention()) {
            token = beans.plan().token();
        }

        assertThat(collect().getException()).isNull();
        collect();

        assertThat(bucket.names()).containsAll(before);
        assertThat(slack.texts()).singleElement().asString().contains("caravan retain --confirm=" + token);
        try (RetentionBeans beans = retention()) {
            beans.collect(token).report();
        }
        assertThat(isGone(old)).isTrue();
        collect();
        assertThat(slack.texts()).hasSize(2);
        assertThat(slack.texts().get(1)).contains("over", "collection-needs-token");
    }

    @Test
    void publicationUnderWayIsNoTroubleBeforeItHasHeldCollectionsUpForLong() throws Exception {
        publishTwo();
        Set<String> needed = chunksOfLatest();
        collect();
        String session = bucket.names().stream()
                .filter(name -> name.startsWith("_control/sessions/"))
                .findFirst()
                .orElseThrow();
        String ended = new String(bucket.read(session), StandardCharsets.UTF_8);
        Files.writeString(bucket.fileOf(session), ended.replace("\"ended\":true", "\"ended\":false"));
        bucket.makeOlder(Duration.ofHours(2), BucketPaths.candidates());

        assertThat(collect().getException()).isNull();
        assertThat(bucket.chunkNames()).hasSizeGreaterThan(needed.size());
        assertThat(slack.texts()).isEmpty();

        bucket.makeOlder(Duration.ofDays(8), BucketPaths.candidates());
        collect();
        assertThat(slack.texts()).singleElement().asString().contains("nothing was deleted for long");

        Files.writeString(bucket.fileOf(session), ended);
        collect();
        assertThat(bucket.chunkNames()).isEqualTo(needed);
        assertThat(slack.texts()).hasSize(2);
    }

    @Test
    void whatNobodyUnderstandsStopsItAndPeopleHearOfItUntilItIsPutRight() throws Exception {
        Publication old = publishTwo();
        Path pin = bucket.fileOf("_control/pins/demo/20261101T080000Z-1");
        Files.createDirectories(pin.getParent());
        Files.writeString(pin, "");

        assertThat(collect().getException()).isInstanceOf(CaravanException.class);

        assertThat(isGone(old)).isFalse();
        assertThat(slack.texts())
                .singleElement()
                .asString()
                .contains("could not be put in order", "_control/pins/demo/20261101T080000Z-1");
        Files.delete(pin);
        assertThat(collect().getException()).isNull();
        assertThat(isGone(old)).isTrue();
        assertThat(slack.texts()).hasSize(2);
    }

    @Test
    void cachesForgetASnapshotThatIsGoneOnceAndItIsGoneIfTheyDoNot() throws Exception {
        try (LocalEdges edges = LocalEdges.start(
                LocalEdges.Setup.of(site.home().resolve("edges"), site.server().publicUrl())
                        .withoutDistance())) {
            Publication old = publishTwo();
            publisher
                    .set("caravan.cdn", "cloudfront")
                    .set("caravan.cloudfront.distribution-id", LocalEdges.DISTRIBUTION)
                    .set("caravan.cloudfront.endpoint", edges.api().address().toString())
                    .set("caravan.cloudfront.access-key", "key")
                    .set("caravan.cloudfront.secret-key", "secret");

            collect();
            collect();

            LocalInvalidation asked = edges.api().invalidations().get(0);
            assertThat(edges.api().invalidations()).hasSize(1);
            assertThat(asked.completed()).isTrue();
            assertThat(asked.paths())
                    .hasSize(7)
                    .allMatch(path -> path.startsWith("/data/demo/" + old.snapshot() + "/"))
                    .contains("/data/demo/" + old.snapshot() + "/record");

            publisher.set("caravan.cdn", "none");
            Publication second = publisher.publish();
            publisher.publish();
            publisher.set("caravan.cdn", "cloudfront");
            edges.api().failNext(1, ApiFault.ACCESS_DENIED);
            assertThat(collect().getException()).isNull();

            assertThat(isGone(second)).isTrue();
            assertThat(slack.texts()).singleElement().asString().contains("invalidate-cloudfront");
        }
    }

    @Test
    void collectionOfAProgramThatStopsIsNoNews() throws Exception {
        publishTwo();

        try (PipelineBeans beans = beans();
                Pipeline pipeline = load(beans, false)) {
            pipeline.begin();
            beans.stop();
            assertThat(collectBy(pipeline).getException()).hasMessageContaining("told to stop");
            pipeline.deliverAlerts();
        }

        assertThat(slack.texts()).isEmpty();
        assertThat(bucket.names()).doesNotContain(BucketPaths.lease());
    }

    /** The first of two, whose promise is over. */
    private Publication publishTwo() throws Exception {
        Publication old = publisher.publish();
        site.database().write(500);
        publisher.publish();
        bucket.makeOlder(Duration.ofHours(2), "");
        return old;
    }

    private boolean isGone(Publication publication) throws Exception {
        return bucket.names().stream().noneMatch(name -> name.startsWith("demo/" + publication.snapshot() + "/"));
    }

    private Set<String> chunksOfLatest() throws Exception {
        return bucket.latest().orElseThrow().chunks().stream()
                .map(chunk -> BucketPaths.chunk(chunk, StoredAs.PLAIN))
                .collect(Collectors.toSet());
    }

    /** What happens when its schedule says so. */
    private Exchange collect() throws Exception {
        try (PipelineBeans beans = beans();
                Pipeline pipeline = load(beans, false)) {
            pipeline.begin();
            try {
                return collectBy(pipeline);
            } finally {
                pipeline.deliverAlerts();
            }
        }
    }

    private static Exchange collectBy(Pipeline pipeline) throws Exception {
        try (ProducerTemplate template = pipeline.camel().createProducerTemplate()) {
            return template.request("direct:collect-unneeded", exchange -> {});
        }
    }

    private Pipeline load(PipelineBeans beans, boolean scheduled) throws Exception {
        return Pipeline.load(installation(), settings(), beans, beans.probe(), scheduled);
    }

    private PipelineBeans beans() throws Exception {
        return new PipelineBeans(installation(), settings());
    }

    private RetentionBeans retention() throws Exception {
        return new RetentionBeans(installation(), settings());
    }

    private Installation installation() {
        return new Installation(Path.of("").toAbsolutePath(), publisher.environment());
    }

    private Settings settings() throws Exception {
        return installation().settings();
    }
}
