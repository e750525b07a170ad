package caravan.app.pipeline;

import static caravan.faults.FaultProxy.puts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import caravan.alert.Alert;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.manifest.CatalogFormat;
import caravan.publish.Publication;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What people see of a publication, through the real routes and a real S3; and that nobody needs it. */
@Timeout(180)
final class PublishCatalogTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;

    private FaultProxy proxy;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        proxy = FaultProxy.before(site.server().endpoint());
        publisher = site.publisherThrough(proxy.endpoint());
        publisher.set("caravan.catalog.publisher", "Example Foundation");
        bucket = site.bucketOf(publisher);
    }

    @AfterEach
    void closeProxy() throws Exception {
        proxy.close();
    }

    @Test
    void catalogSaysWhatTheRecordSaysAndWhatIsNew() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot first = bucket.latest().orElseThrow();
        database.write(100);
        publisher.publish();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();

        Catalog catalog = catalog();

        assertThat(catalog.publisher()).isEqualTo("Example Foundation");
        assertThat(catalog.publicUrl()).isEqualTo("http://cdn.example.org/data");
        assertThat(catalog.generatedAt()).isBetween(second.record().createdAt(), Instant.now());
        CatalogDatabase demo = catalog.databases().get(0);
        assertThat(demo.name()).isEqualTo(PublishedBucket.DATABASE);
        assertThat(demo.key()).isEqualTo(publisher.key().fingerprint());
        assertThat(demo.expectedBy()).isEqualTo(second.record().createdAt().plus(Duration.ofHours(36)));
        long bytesNew = newBytes(first, second);
        assertThat(bytesNew).isPositive().isLessThan(second.bytes());
        SnapshotId before = first.record().snapshot();
        assertThat(demo.snapshots())
                .containsExactly(
                        CatalogSnapshot.of(
                                second.record(),
                                List.of(new SnapshotChange(List.of(before), bytesNew, second.bytes() - bytesNew))),
                        CatalogSnapshot.of(first.record(), List.of(new SnapshotChange(List.of(), first.bytes(), 0))));
    }

    @Test
    void pageAndCatalogAreServedForBrowsers() throws Exception {
        publisher.publish();

        HttpResponse<String> page = get("index.html");
        assertThat(page.body()).startsWith("<!DOCTYPE html>").contains("Content-Security-Policy");
        assertThat(page.headers().firstValue("Content-Type").orElseThrow()).matches("text/html; ?charset=utf-8");
        assertThat(page.headers().firstValue("Cache-Control")).contains("max-age=60");
        HttpResponse<String> catalog = get("catalog.json");
        assertThat(catalog.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(catalog.headers().firstValue("Cache-Control")).contains("max-age=60");
    }

    @Test
    void pageIsSentOnce() throws Exception {
        publisher.publish();
        publisher.publish();

        assertThat(proxy.requests().stream().filter(puts("/index.html"))).hasSize(1);
        assertThat(proxy.requests().stream().filter(puts("/catalog.json"))).hasSize(2);
    }

    @Test
    void busyStoreIsAskedAgain() throws Exception {
        proxy.first(2, puts("/catalog.json"), Fault.answer(503));
        proxy.next(puts("/index.html"), Fault.answer(503));

        publisher.publish();

        assertThat(catalog().databases()).hasSize(1);
        assertThat(bucket.names()).contains("index.html");
    }

    @Test
    void answerThatIsLostMakesNoSecondEntry() throws Exception {
        publisher.publish();
        proxy.next(puts("/catalog.json"), Fault.loseAnswer());

        publisher.publish();

        assertThat(catalog().databases().get(0).snapshots()).hasSize(2);
    }

    @Test
    void storeThatTakesNoCatalogFailsNoPublicationAndTheNextPutsItRight() throws Exception {
        publisher.set("caravan.retry.attempts", "1");
        proxy.always(puts("/catalog.json"), Fault.answer(503));
        Publication first = publisher.publish();
        assertThat(bucket.latest().orElseThrow().record().snapshot()).isEqualTo(first.snapshot());
        assertThat(bucket.names()).doesNotContain("catalog.json");
        proxy.clear();

        Publication second = publisher.publish();

        assertThat(catalog().databases().get(0).snapshots())
                .extracting(CatalogSnapshot::id)
                .containsExactly(second.snapshot(), first.snapshot());
    }

    @Test
    void daemonPutsRightWhatAPublicationCouldNotWriteAlsoWhenTheSnapshotIsTooOld() throws Exception {
        publisher
                .set("caravan.retry.attempts", "1")
                .set("caravan.pointer.lifetime", "1m")
                .set("caravan.database.demo.max-age", "1s");
        proxy.always(puts("/catalog.json"), Fault.answer(503));
        Publication publication = publisher.publish();
        assertThat(bucket.names()).doesNotContain("catalog.json", "index.html");
        proxy.clear();

        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        try (PipelineBeans beans = new PipelineBeans(installation, installation.settings());
                Pipeline pipeline = Pipeline.load(installation, installation.settings(), beans, beans.probe(), true)) {
            beans.watching().prepare();
            pipeline.begin();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> bucket.names().containsAll(List.of("catalog.json", "index.html")));
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(beans.troubles())
                    .extracting(Alert::event)
                    .contains("latest-too-old"));
        }

        assertThat(catalog().databases().get(0).snapshots())
                .extracting(CatalogSnapshot::id)
                .containsExactly(publication.snapshot());
    }

    @Test
    void catalogOfAStrangerFailsNoPublicationAndStays() throws Exception {
        Catalog empty = new Catalog("Stranger", Instant.EPOCH, "http://127.0.0.1", List.of());
        byte[] note = SignedNote.sign(CatalogFormat.write(empty), NoteKind.CATALOG, SigningKey.generate());
        Files.createDirectories(bucket.fileOf(""));
        Files.write(bucket.fileOf("catalog.json"), note);

        Publication publication = publisher.publish();

        assertThat(bucket.latest().orElseThrow().record().snapshot()).isEqualTo(publication.snapshot());
        assertThat(bucket.read("catalog.json")).isEqualTo(note);
    }

    @Test
    void addressThatNoCommandMayHoldIsFoundBeforeAnythingIsSent() {
        publisher.set("caravan.public-url", "http://cdn.example.org/a;b");

        assertThat(catchThrowable(publisher::publish)).hasMessageContaining("http://cdn.example.org/a;b");
        assertThat(proxy.requests()).isEmpty();
    }

    private Catalog catalog() throws Exception {
        byte[] note = bucket.read("catalog.json");
        return CatalogFormat.read(
                SignedNote.verify(note, NoteKind.CATALOG, publisher.trusted(), "catalog.json")
                        .line(),
                "catalog.json");
    }

    private static long newBytes(PublishedBucket.Snapshot before, PublishedBucket.Snapshot after) {
        Set<Digest> old = before.chunks();
        return after.files().stream()
                .flatMap(file -> file.chunks().stream())
                .filter(chunk -> !old.contains(chunk.digest()))
                .mapToLong(chunk -> chunk.size())
                .sum();
    }

    private HttpResponse<String> get(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(site.server().publicUrl() + "/" + site.prefix() + "/" + name))
                .timeout(Duration.ofSeconds(20))
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
}
