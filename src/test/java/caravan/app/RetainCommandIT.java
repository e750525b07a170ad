package caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.PublishingSite;
import caravan.localedge.ApiFault;
import caravan.localedge.LocalEdges;
import caravan.publish.Publication;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code caravan retain} as an operator types it, with a CDN before the bucket. */
@Timeout(120)
final class RetainCommandIT {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("200KB");

    private final Installed caravan = Installed.here();

    private LocalEdges edges;

    private Publisher publisher;

    private PublishedBucket bucket;

    private Publication old;

    @BeforeEach
    void publishTwo() throws Exception {
        edges = LocalEdges.start(
                LocalEdges.Setup.of(site.home().resolve("edges"), site.server().publicUrl())
                        .withoutDistance());
        publisher = site.publisher()
                .set("caravan.retain.promise", "0s")
                .set("caravan.retain.keep-last", "1")
                .set("caravan.retain.largest-share", "100");
        bucket = site.bucketOf(publisher);
        old = publisher.publish();
        publisher.publish();
        bucket.makeOlder(Duration.ofHours(2), "");
        publisher
                .set("caravan.cdn", "cloudfront")
                .set("caravan.cloudfront.distribution-id", LocalEdges.DISTRIBUTION)
                .set("caravan.cloudfront.endpoint", edges.api().address().toString())
                .set("caravan.cloudfront.access-key", "key")
                .set("caravan.cloudfront.secret-key", "secret")
                .set("caravan.cdn.poll", "20ms")
                .leave("caravan.databases")
                .leave("caravan.database.demo.directory")
                .leave("caravan.database.demo.chunk-size")
                .leave("caravan.signing.key")
                .set(
                        "caravan.trusted-keys",
                        publisher.state().resolveSibling("signing.key.pub").toString());
    }

    @AfterEach
    void closeEdges() {
        edges.close();
    }

    @Test
    void planIsPrintedAndWhatIsDoneIsToldToTheCdnWithoutAnySigningKey() throws Exception {
        Installed.Outcome plan = run("retain").requireSuccess();
        assertThat(plan.out())
                .contains("goes    demo/" + old.snapshot(), "its promise is over")
                .contains("Nothing was changed. To do it: caravan retain --confirm");
        assertThat(bucket.names()).contains("demo/" + old.snapshot() + "/record");

        JsonNode done = new ObjectMapper()
                .readTree(run("retain", "--confirm", "--json").requireSuccess().out());

        assertThat(done.path("event").textValue()).isEqualTo("collected");
        assertThat(done.path("cdn").textValue()).isEqualTo("told");
        assertThat(done.path("snapshots").path(0).path("kept").booleanValue()).isFalse();
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/" + old.snapshot() + "/"));
        assertThat(edges.api().invalidations()).singleElement().satisfies(asked -> assertThat(asked.paths())
                .hasSize(7)
                .allMatch(path -> path.startsWith("/data/demo/" + old.snapshot() + "/")));
    }

    @Test
    void pinThatNamesNothingIsPrintedAndNothingGoesAndACdnThatRefusesUndoesNothing() throws Exception {
        Path pin = bucket.fileOf("_control/pins/demo/" + old.snapshot() + ".txt");
        Files.createDirectories(pin.getParent());
        Files.writeString(pin, "");

        Installed.Outcome plan = run("retain");
        assertThat(plan.out()).contains("pin     _control/pins/demo/" + old.snapshot() + ".txt");
        plan.requireFailure(4, "no snapshot is called so", "correct its name");

        Files.delete(pin);
        edges.api().failNext(1, ApiFault.ACCESS_DENIED);
        Installed.Outcome done = run("retain", "--confirm");
        assertThat(done.status()).isZero();
        assertThat(done.out()).contains("gone    demo/" + old.snapshot(), "The CDN may still have what is gone");
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/" + old.snapshot() + "/"));
    }

    @Test
    void cdnOfAnOperatorsOwnIsToldByItsRoute() throws Exception {
        Path home = site.home().resolve("changed");
        Installed changed = caravan.copyTo(home);
        Path told = site.home().resolve("told");
        Files.writeString(home.resolve("routes/55-own.camel.yaml"), """
                - route:
                    id: invalidate-own
                    description: Write down what is to be forgotten.
                    routeConfigurationId: report-and-go-on
                    from:
                      uri: direct
                      parameters:
                        name: invalidate-own
                      steps:
                        - setBody:
                            id: only-paths
                            expression:
                              simple:
                                expression: "${body.reference} ${body.paths}"
                        - to:
                            id: write-paths
                            uri: file
                            parameters:
                              directoryName: %s
                              fileName: paths
                """.formatted(told));
        publisher.set("caravan.cdn", "own");

        Installed.Outcome done =
                changed.run(publisher.environment(), "retain", "--confirm").requireSuccess();

        assertThat(done.out()).doesNotContain("The CDN");
        assertThat(Files.readString(told.resolve("paths"))).contains("/data/demo/" + old.snapshot() + "/record");
    }

    private Installed.Outcome run(String... words) throws Exception {
        return caravan.run(publisher.environment(), words);
    }
}
