package caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.locals3.LocalS3;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The main job as users do it: publish while the node writes, fetch elsewhere, and open what arrived. */
@Timeout(180)
final class PublishFetchIT {

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private Publisher publisher;

    private PublishedBucket bucket;

    private LocalS3 server;

    @Test
    void databaseOfARunningNodeOpensWhereverItIsFetched() throws Exception {
        try (LocalS3 started = LocalS3.start(
                        directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
                RunningSampleNode node = RunningSampleNode.start(
                        directory.resolve("node"),
                        Profile.DEMO,
                        "--initial-bytes",
                        "4MB",
                        "--batches-per-second",
                        "50")) {
            server = started;
            setUp(node);
            Path over = directory.resolve("over");

            long first = publish();
            fetch(over);
            assertThat(SampleDatabase.heightOf(over)).isGreaterThanOrEqualTo(first);

            long written = node.acknowledgedHead();
            await().atMost(Duration.ofSeconds(60)).until(() -> node.acknowledgedHead() > written + 100);
            long second = publish();
            assertThat(second).isGreaterThan(first);
            fetch(over);
            assertThat(SampleDatabase.heightOf(over)).isGreaterThanOrEqualTo(second);
            Path fresh = directory.resolve("fresh");
            fetch(fresh);
            assertThat(SampleDatabase.heightOf(fresh)).isGreaterThanOrEqualTo(second);
            assertThat(node.isAlive()).isTrue();
        }
    }

    private void setUp(RunningSampleNode node) throws Exception {
        Path base = directory.resolve("node");
        publisher = new Publisher(directory.resolve("publisher"), SampleDatabase.at(base), server.endpoint(), "")
                .set("caravan.database.demo.rpc-url", node.rpcUrl().toString())
                .set("caravan.database.demo.min-peers", "0")
                .set("caravan.public-url", server.publicUrl().toString());
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
    }

    /** Gives the height that the record promises. */
    private long publish() throws Exception {
        caravan.run(publisher.environment(), "publish").requireSuccess();
        return bucket.latest().orElseThrow().record().height();
    }

    private void fetch(Path into) throws Exception {
        Installed.Outcome outcome = caravan.run(
                Map.of("CARAVAN_STATE_DIRECTORY", directory.resolve("client").toString()),
                "fetch",
                server.publicUrl() + "/demo",
                into.toString(),
                "--key",
                directory.resolve("publisher/signing.key.pub").toString());
        assertThat(outcome.status()).as("%s%n%s", outcome.out(), outcome.err()).isZero();
    }
}
