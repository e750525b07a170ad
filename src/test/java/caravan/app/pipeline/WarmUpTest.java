package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.EdgeFront;
import caravan.app.warming.NginxEdges;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import caravan.warm.WarmFault;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publications with five nginx caches before the real local S3: what each region gets, and what is measured. */
@Timeout(180)
final class WarmUpTest {

    private static final List<String> REGIONS =
            List.of("us-east-1", "sa-east-1", "ap-southeast-2", "eu-central-1", "ap-northeast-1");

    private static final List<String> POPS = List.of("IAD89-C1", "GRU3-C1", "SYD4-C1", "FRA50-C1", "NRT20-C1");

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static NginxEdges edges;

    private static SampleDatabase original;

    private String prefix;

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeAll
    static void startServers() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        edges = NginxEdges.start(directory.resolve("edges"), server.publicUrl(), POPS);
        original = SampleDatabase.fill(directory.resolve("original"), "1MB");
    }

    @AfterAll
    static void stopServers() throws Exception {
        if (edges != null) {
            edges.close();
        }
        server.close();
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        prefix = test.getTestMethod().orElseThrow().getName();
        Path home = directory.resolve(prefix);
        database = original.copyTo(home.resolve("node"));
        publisher = new Publisher(home.resolve("publisher"), database, server.endpoint(), prefix);
        publisher.set("caravan.public-url", "http://cdn.example.org/" + prefix);
        publisher.set("caravan.warm.regions", String.join(",", REGIONS));
        for (int at = 0; at < REGIONS.size(); at++) {
            via(
                    REGIONS.get(at),
                    "edge:127.0.0.1:" + edges.port(POPS.get(at)) + ",expect="
                            + POPS.get(at).substring(0, 3));
        }
        bucket = new PublishedBucket(
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve(prefix), publisher.trusted());
    }

    @Test
    void everyRegionHasEveryChunkBeforeTheFirstUserCouldAskForIt() throws Exception {
        RegionsReport report = publish();
        Set<String> chunks = bucket.chunkNames();
        assertThat(report.objects()).isEqualTo(chunks.size());
        assertThat(report.regions()).extracting(RegionReport::region).isEqualTo(REGIONS);
        for (RegionReport region : report.regions()) {
            String pop = POPS.get(REGIONS.indexOf(region.region()));
            assertThat(region.state()).as("%s", region).isEqualTo(RegionState.OK);
            assertThat(region.pops()).containsExactly(pop);
            assertThat(region.cold().objects()).isEqualTo(chunks.size());
            assertThat(region.cold().hits()).isZero();
            assertThat(region.cold().bytes()).isEqualTo(report.bytes());
            assertThat(region.warm().hits())
                    .isEqualTo(20)
                    .isEqualTo(region.warm().objects());
            assertThat(region.cold().bytesPerSecond()).isPositive();
            assertThat(region.warm().firstByteP95Micros()).isPositive();
            assertThat(askedOf(pop)).containsExactlyInAnyOrderElementsOf(chunks);
        }
        bucket.requireKnownNamesOnly();
    }

    @Test
    void edgesAreAskedForThePublicNameAlone() throws Exception {
        publish();
        assertThat(edges.requests(POPS.get(0)).stream().filter(line -> line.contains(prefix)))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("cdn.example.org /" + prefix + "/chunks/"));
    }

    @Test
    void nextPublicationFetchesWhatIsNewAlone() throws Exception {
        publish();
        Set<String> before = bucket.chunkNames();
        database.write(30);
        RegionsReport report = publish();
        Set<String> added = new TreeSet<>(bucket.chunkNames());
        added.removeAll(before);
        assertThat(report.objects()).isEqualTo(added.size()).isPositive();
        for (RegionReport region : report.regions()) {
            assertThat(region.state()).isEqualTo(RegionState.OK);
            assertThat(region.cold().objects()).isEqualTo(added.size());
            assertThat(region.cold().misses()).isEqualTo(added.size());
        }
    }

    @Test
    void everythingIsFetchedOnRequestAndIsThere() throws Exception {
        publish();
        publisher.set("caravan.warm.scope", "full");
        database.write(30);
        RegionsReport report = publish();
        assertThat(report.objects())
                .isEqualTo(bucket.latest().orElseThrow().chunks().size());
        assertThat(report.regions())
                .allMatch(region -> region.cold().hits() > 0 && region.cold().misses() > 0);
    }

    @Test
    void latestWaitsForASlowRegionNoLongerThanTheHold() throws Exception {
        try (EdgeFront stuck = EdgeFront.stuck()) {
            via("sa-east-1", stuck.vantage());
            publisher.set("caravan.warm.hold", "3s");
            RegionsReport report = publish();
            RegionReport slow = report.regions().get(REGIONS.indexOf("sa-east-1"));
            assertThat(slow.state()).isEqualTo(RegionState.PARTIAL);
            assertThat(slow.reason()).isEqualTo("Caravan was stopped");
            assertThat(report.regions())
                    .filteredOn(region -> !region.equals(slow))
                    .allMatch(region -> region.cold().objects() > 0);
        }
    }

    @Test
    void errorThatACacheKeepsIsNamedAndDoesNotFailThePublication() throws Exception {
        publish();
        String chunk = bucket.chunkNames().iterator().next();
        String other = prefix + "-again";
        URI edge = URI.create("http://127.0.0.1:" + edges.port(POPS.get(3)) + "/" + other + "/" + chunk);
        HttpResponse<Void> asked = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(edge).build(), HttpResponse.BodyHandlers.discarding());
        assertThat(asked.statusCode()).isEqualTo(404);

        publisher.set("caravan.s3.prefix", other).set("caravan.public-url", "http://cdn.example.org/" + other);
        publisher.set("caravan.state-directory", directory.resolve(other).toString());
        bucket = new PublishedBucket(
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve(other), publisher.trusted());
        RegionReport region = publish().regions().get(3);
        assertThat(region.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(region.faults()).containsOnly(new WarmFault(chunk, POPS.get(3), "status 404"));
    }

    @Test
    void whatACacheHasForgottenIsBroughtBackByAFullWarmUp() throws Exception {
        publish();
        edges.purge(POPS.get(4));
        publisher.set("caravan.warm.scope", "full");
        RegionsReport report = publish();
        assertThat(report.regions().get(4).cold().hits()).isZero();
        assertThat(report.regions().get(4).warm().hitRatio()).isEqualTo(1);
        assertThat(report.regions().get(0).cold().hits()).isPositive();
    }

    private RegionsReport publish() throws Exception {
        Publication publication = publisher.publish();
        assertThat(bucket.latest().orElseThrow().record().snapshot()).isEqualTo(publication.snapshot());
        String name = BucketPaths.ofSnapshot(PublishedBucket.DATABASE, publication.snapshot(), BucketPaths.REGIONS);
        return RegionsFormat.read(bucket.read(name), name);
    }

    private void via(String region, String vantage) {
        publisher.set("caravan.warm.region." + region + ".via", vantage);
    }

    private Set<String> askedOf(String pop) throws Exception {
        Set<String> paths = new TreeSet<>();
        for (String line : edges.requests(pop)) {
            String path = line.split(" ", -1)[1];
            if (path.startsWith("/" + prefix + "/")) {
                paths.add(path.substring(prefix.length() + 2));
            }
        }
        return paths;
    }
}
