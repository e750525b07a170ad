package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.EdgeFront;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nobody asks an edge for what the store has not acknowledged: an edge would keep the answer that it is not there. */
@Timeout(120)
final class WarmOrderTest {

    @TempDir
    Path directory;

    @Test
    void edgeIsAskedForNothingThatIsNotStoredThoughPutsFailAndAreRepeated() throws Exception {
        try (LocalS3 store = LocalS3.start(
                        directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
                FaultProxy proxy = FaultProxy.before(store.endpoint());
                EdgeFront edge = EdgeFront.start("FRA50-C1")) {
            Path objects = directory.resolve("s3").resolve(Publisher.BUCKET).resolve("p");
            edge.before(objects);
            proxy.first(3, FaultProxy.puts("/chunks/"), Fault.answer(503));
            SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "1MB");
            Publisher publisher = new Publisher(directory.resolve("publisher"), database, proxy.endpoint(), "p")
                    .set("caravan.public-url", "http://cdn.example.org")
                    .set("caravan.warm.regions", "eu-central-1")
                    .set("caravan.warm.region.eu-central-1.via", edge.vantage())
                    .set("caravan.warm.sample", "3");
            Publication publication = publisher.publish();

            PublishedBucket bucket = new PublishedBucket(objects, publisher.trusted());
            String name = BucketPaths.ofSnapshot(PublishedBucket.DATABASE, publication.snapshot(), BucketPaths.REGIONS);
            RegionReport region =
                    RegionsFormat.read(bucket.read(name), name).regions().get(0);
            assertThat(region.state()).as("%s", region).isEqualTo(RegionState.OK);
            assertThat(edge.requests()).isEqualTo(bucket.chunkNames().size() + 3);
            assertThat(edge.notThere()).isEmpty();
        }
    }
}
