package caravan.app;

import static caravan.faults.FaultProxy.puts;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills publishers, at any moment and at the moments that matter most, while a node goes on writing. After each kill the
 * bucket must be what clients may rely on, and the next publisher must need no help.
 */
@Timeout(3600)
final class PublishKillIT {

    private static final int KILLS = "long".equals(System.getProperty("caravan.test.form")) ? 300 : 20;

    private static final int KILLED = 128 + 9;

    private static final int MOST_DELAY_MILLIS = 25;

    /** The requests of a publication, by how near they are to what clients see. */
    private static final List<String> MOMENTS = List.of(
            "/_control/sessions/",
            "/chunks/",
            "/_control/pending/",
            "/manifest.jsonl",
            "/chunks.tsv",
            "/SHA256SUMS",
            "/record",
            "/record",
            "/demo/latest",
            "/demo/latest");

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private final Map<String, Digest> remembered = new TreeMap<>();

    private LocalS3 server;

    private FaultProxy proxy;

    private RunningSampleNode node;

    private Publisher publisher;

    private PublishedBucket bucket;

    private long sequence;

    @BeforeEach
    void start() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        proxy = FaultProxy.before(server.endpoint());
        SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "2MB");
        node = RunningSampleNode.start(database.base(), Profile.DEMO, "--batches-per-second", "8");
        publisher = new Publisher(directory.resolve("publisher"), database, proxy.endpoint(), "")
                .set("caravan.database.demo.rpc-url", node.rpcUrl().toString())
                .set("caravan.database.demo.min-peers", "0");
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        proxy.close();
        server.close();
    }

    @Test
    void killedPublisherLeavesABucketToRelyOnAndTheNextOneNeedsNoHelp() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        System.out.println("PublishKillIT: seed " + seed);
        caravan.run(publisher.environment(), "publish").requireSuccess();
        long millis = millisOfAPublication();
        int kills = 0;
        int ended = 0;
        while (kills < KILLS) {
            publisher.set("caravan.upload.compression", random.nextBoolean() ? "zstd" : "none");
            int status = kills % 3 == 0 ? killAfter(random.nextLong(millis)) : killAtRequest(random);
            assertThat(status).as("killed, or done").isIn(KILLED, 0);
            kills += status == KILLED ? 1 : 0;
            ended += status == 0 ? 1 : 0;
            requireRelianceOnTheBucket("seed " + seed + ", kill " + kills);
            assertThat(node.isAlive()).isTrue();
        }
        System.out.printf(
                "PublishKillIT: %d kills, %d publications that were too fast, latest is sequence %d%n",
                kills, ended, sequence);
        requireConvergence();
    }

    private long millisOfAPublication() throws Exception {
        long begin = System.nanoTime();
        caravan.run(publisher.environment(), "publish").requireSuccess();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    private int killAfter(long millis) throws Exception {
        Installed.Running running = caravan.start(publisher.environment(), "publish");
        if (!running.process().waitFor(millis, TimeUnit.MILLISECONDS)) {
            running.process().destroyForcibly();
        }
        return Installed.finish(running).status();
    }

    /** Kills shortly after some request was seen: before, while or after the store does what it says. */
    private int killAtRequest(Random random) throws Exception {
        String moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
        int number = moment.equals("/chunks/") ? 1 + random.nextInt(10) : 1;
        int delay = random.nextInt(MOST_DELAY_MILLIS);
        AtomicInteger seen = new AtomicInteger();
        Installed.Running running = caravan.start(publisher.environment(), "publish");
        Predicate<FaultProxy.Request> which = puts(moment);
        proxy.always(
                which.and(request -> {
                    if (seen.incrementAndGet() == number) {
                        killIn(running.process(), delay);
                    }
                    return false;
                }),
                Fault.none());
        int status = Installed.finish(running).status();
        proxy.clear();
        return status;
    }

    private static void killIn(Process process, int delayMillis) {
        Thread killer = new Thread(() -> {
            try {
                if (!process.waitFor(delayMillis, TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        killer.setDaemon(true);
        killer.start();
    }

    private void requireRelianceOnTheBucket(String when) throws Exception {
        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        assertThat(latest.pointer().sequence()).as(when).isGreaterThanOrEqualTo(sequence);
        sequence = latest.pointer().sequence();
        Map<String, Digest> now = bucket.immutable();
        assertThat(now).as(when).containsAllEntriesOf(remembered);
        remembered.putAll(now);
        for (String chunk : bucket.chunkNames()) {
            assertThat(BucketPaths.digestInChunk(chunk)).as(when).contains(bucket.contentOf(chunk));
        }
        bucket.requireKnownNamesOnly();
    }

    private void requireConvergence() throws Exception {
        node.stop();
        publisher.environment().remove("CARAVAN_DATABASE_DEMO_RPC_URL");
        caravan.run(publisher.environment(), "publish").requireSuccess();
        Installed.Outcome again =
                caravan.run(publisher.environment(), "publish").requireSuccess();
        assertThat(again.out()).contains(" 0 chunks sent (0 bytes)");
        requireRelianceOnTheBucket("at the end");
        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        Path restored = bucket.restore(latest, directory.resolve("restored"));
        Path source = node.databaseRoot();
        assertThat(source.resolveSibling(".caravan-demo")).doesNotExist();
        try (Stream<Path> all = Files.walk(source)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(Files.getAttribute(file, "unix:nlink"))
                        .as("names of %s", file)
                        .isEqualTo(1);
            }
        }
        assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(source));
    }
}
