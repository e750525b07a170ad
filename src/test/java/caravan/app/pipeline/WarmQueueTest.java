package caravan.app.pipeline;

import static caravan.app.pipeline.WarmBench.front;
import static caravan.app.pipeline.WarmBench.pathOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.app.warming.EdgeFront;
import caravan.app.warming.EdgeFront.Harm;
import caravan.app.warming.NginxEdges;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.manifest.WarmJobFormat;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.WarmRun;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Regions that are warmed by workers, through the shipped routes: over a queue in this process, and over SQS. */
@Timeout(180)
final class WarmQueueTest {

    private static final int OBJECTS = 40;

    @TempDir
    static Path directory;

    private static QueueServer server;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final List<AutoCloseable> open = new ArrayList<>();

    private String queue;

    private WarmBench bench;

    private EdgeFront edge;

    @BeforeAll
    static void startServer() {
        server = QueueServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        String name = test.getTestMethod().orElseThrow().getName();
        queue = name.substring(0, Math.min(name.length(), 60));
        server.with(queue);
        bench = new WarmBench(directory.resolve(queue), URI.create("http://127.0.0.1:1"));
        bench.set("caravan.warm.queue.job-size", "10");
        edge = keep(front("SYD62-P1", OBJECTS));
        log.start();
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).addAppender(log);
    }

    @AfterEach
    void tearDown() throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).detachAppender(log);
        bench.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void workersInThisProcessNeedNoQueueServer() throws Exception {
        bench.region("ap-southeast-2", "queue:" + queue).set("caravan.warm.worker.via", edge.vantage());
        requireWarm(bench.warm(OBJECTS).get(0));
    }

    @Test
    void jobOfAWorkerThatIsKilledIsDoneByAnother() throws Exception {
        overSqs();
        edge.harming(path -> Harm.DRIP);
        WarmRun run = bench.begin(OBJECTS);
        Process killed = startProcess();
        try {
            await().atMost(Duration.ofSeconds(90)).until(() -> edge.requests() > 0);
        } finally {
            killed.destroyForcibly().waitFor();
        }
        assertThat(server.sizeOf(queue)).isEqualTo(OBJECTS / 10);
        edge.harming(path -> Harm.NONE);
        keep(Worker.start(installation(), workerSettings("other")));
        assertThat(run.await(Duration.ofSeconds(90))).isTrue();
        requireWarm(run.report(Instant.now()).regions().get(0));
    }

    @Test
    void twoWorkersShareARegionAndAJobThatTakesLongIsNotDoneTwice() throws Exception {
        overSqs();
        CountDownLatch never = new CountDownLatch(1);
        edge.harming(path -> {
            if (path.equals(pathOf(7))) {
                waitFor(never, 5);
            }
            return Harm.NONE;
        });
        keep(Worker.start(installation(), workerSettings("slow")));
        keep(Worker.start(installation(), workerSettings("idle")));
        RegionReport report = bench.warm(OBJECTS).get(0);
        requireWarm(report);
        assertThat(report.via()).isEqualTo("queue");
        assertThat(report.warm().hits()).isEqualTo(20);
        assertThat(edge.requests()).isEqualTo(OBJECTS + 20);
        await().until(() -> server.sizeOf(queue) == 0);
    }

    @Test
    void messageThatIsNoJobGoesToTheDeadLettersWithOneAlert() throws Exception {
        overSqs();
        server.send(queue, "{\"format\":\"caravan-warm-job-1\",\"job\":\"http://evil.example/\"}");
        keep(Worker.start(installation(), workerSettings("worker")));
        requireWarm(bench.warm(OBJECTS).get(0));
        await().atMost(Duration.ofSeconds(60)).until(() -> server.sizeOf(queue + "-dead") == 1);
        assertThat(server.messagesIn(queue + "-dead"))
                .singleElement()
                .asString()
                .contains("evil.example");
        await().until(() -> server.sizeOf(queue) == 0);
        assertThat(lines("a message went to the dead letters")).hasSize(1);
    }

    @Test
    void workerFetchesFromItsOwnPublicUrlAlone() throws Exception {
        overSqs();
        bench.set("caravan.public-url", "http://elsewhere.example.org").set("caravan.warm.attempts", "1");
        keep(Worker.start(installation(), workerSettings("worker")));
        RegionReport report = bench.warm(10).get(0);
        assertThat(report.state()).isEqualTo(RegionState.FAILED);
        assertThat(report.reason()).contains("no worker could do it");
        assertThat(edge.requests()).isZero();
        assertThat(server.sizeOf(queue + "-dead")).isEqualTo(1);
    }

    @Test
    void regionWithoutWorkersEndsWhenItsPatienceDoes() throws Exception {
        overSqs();
        bench.set("caravan.warm.queue.patience", "1s").set("caravan.warm.attempts", "1");
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.FAILED);
        assertThat(report.reason()).contains("no worker answered in time");
    }

    @Test
    void jobThatNobodyWaitsForAnyMoreIsDroppedAndTheWorkerSaysSo() throws Exception {
        overSqs();
        bench.set("caravan.warm.deadline", "1s");
        WarmRun run = bench.begin(OBJECTS);
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(run.report(Instant.now()).regions().get(0).reason()).isEqualTo("its deadline was over");
        List<Instant> ends = new ArrayList<>();
        for (String message : server.messagesIn(queue)) {
            ends.add(WarmJobFormat.job(message).notAfter().orElseThrow());
        }
        assertThat(ends).hasSize(OBJECTS / 10);
        Instant last = ends.stream().max(Instant::compareTo).orElseThrow();
        assertThat(last).isBefore(Instant.now().plusSeconds(3));
        await().atMost(Duration.ofSeconds(60)).until(() -> Instant.now().isAfter(last.plusSeconds(1)));

        keep(Worker.start(installation(), workerSettings("late")));
        await().atMost(Duration.ofSeconds(90))
                .until(() -> lines("nobody waits for it since").size() >= OBJECTS / 10);
        await().until(() -> server.sizeOf(queue) == 0);
        assertThat(edge.requests()).isZero();
        assertThat(server.sizeOf(queue + "-dead")).isZero();
    }

    @Test
    void noMoreIsHandedOutThanTheBudgetAllowsForThoughNobodyHasDoneAnythingYet() throws Exception {
        overSqs();
        // Two dollars for each object, so twenty for a job of ten.
        bench.dear("50");
        WarmRun run = bench.begin(OBJECTS);
        await().atMost(Duration.ofSeconds(60)).until(() -> server.sizeOf(queue) == 2);
        keep(Worker.start(installation(), workerSettings("worker")));
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        RegionReport report = run.report(Instant.now()).regions().get(0);
        assertThat(report.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(report.reason()).isEqualTo("its budget of $50.00 was used up");
        assertThat(report.cold().objects()).isEqualTo(20);
        assertThat(edge.requests()).isEqualTo(20);
        assertThat(server.sizeOf(queue)).isZero();
    }

    @Test
    void workerTellsItsHealthAndItsNumbersOnItsOwnPort() throws Exception {
        int port = NginxEdges.freePort();
        int away = NginxEdges.freePort();
        overSqs();
        Map<String, String> there = workerEnvironment("worker");
        there.put("CARAVAN_HTTP_PORT", String.valueOf(port));
        there.put("CARAVAN_SQS_ENDPOINT", "http://127.0.0.1:" + away);
        keep(Worker.start(installation(), new SettingsLoader(there, new Properties()).load()));
        await().atMost(Duration.ofSeconds(60)).until(() -> statusOf(port, "/observe/health/ready") == 503);
        assertThat(statusOf(port, "/observe/health/live")).isEqualTo(200);

        try (QueueServer late = QueueServer.startAt(away).with(queue)) {
            bench.set("caravan.sqs.endpoint", late.endpoint().toString());
            requireWarm(bench.warm(OBJECTS).get(0));
            await().atMost(Duration.ofSeconds(60)).until(() -> statusOf(port, "/observe/health/ready") == 200);
            assertThat(textOf(port, "/observe/metrics"))
                    .contains(
                            "caravan_worker_jobs_total{outcome=\"done\"} " + (OBJECTS / 10 + 2) + ".0",
                            "caravan_worker_objects_total{how=\"came\"} " + (OBJECTS + 20) + ".0",
                            "caravan_worker_objects_total{how=\"missed\"} 0.0",
                            "caravan_worker_bytes_total " + (OBJECTS + 20.0) * WarmBench.OBJECT_BYTES);
        }
    }

    private static int statusOf(int port, String path) throws Exception {
        return answerOf(port, path).statusCode();
    }

    private static String textOf(int port, String path) throws Exception {
        return answerOf(port, path).body();
    }

    private static HttpResponse<String> answerOf(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void publishersThatShareAQueueGiveBackEachOthersResults() throws Exception {
        overSqs(bench);
        bench.set("caravan.warm.queue.patience", "40s").set("caravan.warm.attempts", "1");
        WarmBench other = keep(new WarmBench(directory.resolve(queue + "-2"), URI.create("http://127.0.0.1:1")));
        overSqs(other);
        other.set("caravan.warm.queue.job-size", "1");
        other.begin(1).end("it listens from now on");
        keep(Worker.start(installation(), workerSettings("worker")));

        requireWarm(bench.warm(OBJECTS).get(0));

        await().until(() -> server.sizeOf(queue + "-results") == 0);
    }

    @Test
    void publisherAndWorkerStartWhileTheQueueIsOutOfReachAndUseItWhenItIsBack() throws Exception {
        int port = NginxEdges.freePort();
        overSqs();
        String endpoint = "http://127.0.0.1:" + port;
        bench.set("caravan.sqs.endpoint", endpoint).region("eu-central-1", edge.vantage());
        Map<String, String> there = workerEnvironment("worker");
        there.put("CARAVAN_SQS_ENDPOINT", endpoint);
        keep(Worker.start(installation(), new SettingsLoader(there, new Properties()).load()));

        List<RegionReport> without = bench.warm(OBJECTS);
        assertThat(without.get(0).state()).isEqualTo(RegionState.FAILED);
        assertThat(without.get(0).reason()).isEqualTo("its queue was not reached");
        assertThat(without.get(1).state()).isEqualTo(RegionState.OK);
        await().untilAsserted(() -> assertThat(openAlerts()).hasSize(1));
        assertThat(bench.warm(OBJECTS).get(0).reason()).isEqualTo("its queue was not reached");
        await().until(() -> lines("warm ap-southeast-2 for demo ").size() == 2);
        assertThat(openAlerts()).hasSize(1);

        try (QueueServer late = QueueServer.startAt(port).with(queue)) {
            RegionReport with = bench.warm(OBJECTS).get(0);
            assertThat(with.state()).as("%s", with).isEqualTo(RegionState.OK);
            assertThat(with.cold().objects()).isEqualTo(OBJECTS);
            await().until(() -> late.sizeOf(queue) == 0);
        }
    }

    @Test
    void publicationWhoseQueueIsOutOfReachIsPublishedAllTheSame() throws Exception {
        Path home = directory.resolve(queue);
        try (LocalS3 store =
                LocalS3.start(home.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY)) {
            SampleDatabase database = SampleDatabase.fill(home.resolve("node"), "200KB");
            Publisher publisher = new Publisher(home.resolve("publisher"), database, store.endpoint(), "p")
                    .set("caravan.retry.attempts", "2")
                    .set("caravan.warm.regions", "ap-southeast-2")
                    .set("caravan.warm.region.ap-southeast-2.via", "queue:" + queue)
                    .set("caravan.warm.queue", "sqs")
                    .set("caravan.sqs.endpoint", "http://127.0.0.1:" + NginxEdges.freePort())
                    .set("caravan.sqs.access-key", "nobody")
                    .set("caravan.sqs.secret-key", "nothing");
            Publication publication = publisher.publish();
            PublishedBucket bucket = new PublishedBucket(
                    home.resolve("s3").resolve(Publisher.BUCKET).resolve("p"), publisher.trusted());
            assertThat(bucket.latest().orElseThrow().record().snapshot()).isEqualTo(publication.snapshot());
            String name = BucketPaths.ofSnapshot(PublishedBucket.DATABASE, publication.snapshot(), BucketPaths.REGIONS);
            assertThat(RegionsFormat.read(bucket.read(name), name).regions())
                    .singleElement()
                    .satisfies(region -> {
                        assertThat(region.state()).isEqualTo(RegionState.FAILED);
                        assertThat(region.reason()).isEqualTo("its queue was not reached");
                    });
            Path alerts = publisher.state().resolve("alerts").resolve("open");
            await().untilAsserted(() -> assertThat(alerts).isDirectoryContaining("glob:**"));
            try (var open = Files.list(alerts)) {
                assertThat(open.toList())
                        .as("it is not over with the publication that has it")
                        .hasSize(1);
            }
        }
    }

    /** What runs in the process that is killed: a worker with the settings of its environment. */
    public static void main(String[] arguments) throws Exception {
        Settings settings = new SettingsLoader(System.getenv(), new Properties()).load();
        Worker.start(installation(), settings);
        new CountDownLatch(1).await();
    }

    private void overSqs() {
        overSqs(bench);
    }

    private void overSqs(WarmBench publisher) {
        publisher
                .region("ap-southeast-2", "queue:" + queue)
                .set("caravan.warm.queue", "sqs")
                .set("caravan.sqs.endpoint", server.endpoint().toString())
                .set("caravan.sqs.access-key", "nobody")
                .set("caravan.sqs.secret-key", "nothing");
    }

    /** Troubles with a queue that people were told of and that go on. */
    private List<String> openAlerts() throws Exception {
        Path alerts =
                directory.resolve(queue).resolve("state").resolve("alerts").resolve("open");
        if (!Files.isDirectory(alerts)) {
            return List.of();
        }
        List<String> ofQueues = new ArrayList<>();
        try (var open = Files.list(alerts)) {
            for (Path file : open.toList()) {
                String alert = Files.readString(file);
                if (alert.contains("queue")) {
                    ofQueues.add(alert);
                }
            }
        }
        return ofQueues;
    }

    private Map<String, String> workerEnvironment(String name) throws Exception {
        Map<String, String> environment = new TreeMap<>();
        environment.put("CARAVAN_PUBLIC_URL", "http://cdn.example.org");
        environment.put("CARAVAN_WARM_QUEUE", "sqs");
        environment.put("CARAVAN_HTTP_PORT", "0");
        environment.put("CARAVAN_WARM_WORKER_QUEUES", queue);
        environment.put("CARAVAN_WARM_WORKER_VIA", edge.vantage());
        environment.put("CARAVAN_WARM_WORKER_VISIBILITY", "2s");
        environment.put("CARAVAN_SQS_ENDPOINT", server.endpoint().toString());
        environment.put("CARAVAN_SQS_ACCESS_KEY", "nobody");
        environment.put("CARAVAN_SQS_SECRET_KEY", "nothing");
        environment.put("CARAVAN_RETRY_DELAY", "1ms");
        environment.put(
                "CARAVAN_STATE_DIRECTORY",
                Files.createDirectories(directory.resolve(queue).resolve(name)).toString());
        return environment;
    }

    private Settings workerSettings(String name) throws Exception {
        Settings settings = new SettingsLoader(workerEnvironment(name), new Properties()).load();
        assertThat(Worker.isMeant(settings)).isTrue();
        return settings;
    }

    private Process startProcess() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WarmQueueTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(queue).resolve("output").toFile());
        builder.environment().putAll(workerEnvironment("killed"));
        return builder.start();
    }

    private static void requireWarm(RegionReport report) {
        assertThat(report.state()).as("%s", report).isEqualTo(RegionState.OK);
        assertThat(report.cold().objects()).isEqualTo(OBJECTS);
        assertThat(report.cold().bytes()).isEqualTo((long) OBJECTS * WarmBench.OBJECT_BYTES);
        assertThat(report.cold().firstByteP95Micros()).isPositive();
        assertThat(report.pops()).containsExactly("SYD62-P1");
        assertThat(report.warm().objects()).isEqualTo(20);
    }

    private static void waitFor(CountDownLatch latch, int seconds) {
        try {
            latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> lines(String words) {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains(words))
                .toList();
    }

    private static Installation installation() {
        return new Installation(Path.of("").toAbsolutePath(), Map.of());
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }
}
