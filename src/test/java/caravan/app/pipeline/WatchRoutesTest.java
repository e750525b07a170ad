package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.settings.Settings;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The routes of a daemon that decide when to publish, on a real database and a real store. */
@Timeout(300)
final class WatchRoutesTest {

    private static final boolean ALL = "long".equals(System.getProperty("caravan.test.form"));

    private static final int FILES = ALL ? 100_000 : 20_000;

    private static final Duration WATCHED = Duration.ofSeconds(ALL ? 31 : 11);

    private static final Duration LONG = Duration.ofSeconds(90);

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static FaultProxy proxy;

    private static SampleDatabase original;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private Level level;

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    private Path trigger;

    @BeforeAll
    static void startServer() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        proxy = FaultProxy.before(server.endpoint());
        original = SampleDatabase.fill(directory.resolve("original"), "1MB");
    }

    @AfterAll
    static void stopServer() throws Exception {
        proxy.close();
        server.close();
    }

    @BeforeEach
    void setUp() throws Exception {
        String prefix = "watch" + NUMBER.incrementAndGet();
        Path home = directory.resolve(prefix);
        database = original.copyTo(home.resolve("node"));
        publisher = new Publisher(home.resolve("publisher"), database, proxy.endpoint(), prefix);
        bucket = new PublishedBucket(
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve(prefix), publisher.trusted());
        trigger = publisher.state().resolve("trigger").resolve("demo");
        log.start();
        level = logger().getLevel();
        logger().setLevel(Level.INFO);
        logger().addAppender(log);
    }

    @AfterEach
    void tearDown() {
        logger().detachAppender(log);
        logger().setLevel(level);
        proxy.clear();
    }

    @Test
    void triggerFilePublishesNowThoughNothingChangedAndIsGoneThen() throws Exception {
        publisher.publish();
        try (Daemon daemon = new Daemon()) {
            Files.createFile(trigger);
            await().atMost(LONG).until(() -> sequence() == 2 && daemon.isIdle());
            assertThat(trigger.getParent()).isEmptyDirectory();
        }
    }

    @Test
    void triggersThatComeWhileOneIsPublishedAskForOnePublicationMore() throws Exception {
        AtomicInteger touched = new AtomicInteger();
        proxy.always(
                FaultProxy.puts("/manifest.jsonl").and(request -> {
                    // While the first publication is under way, and before its latest moves.
                    for (int times = 0; times < 3 && touched.get() < 3; times++) {
                        touch();
                        touched.incrementAndGet();
                    }
                    return false;
                }),
                Fault.none());
        try (Daemon daemon = new Daemon()) {
            Files.createFile(trigger);
            await().atMost(LONG).until(() -> sequence() == 2 && daemon.isIdle() && Files.notExists(trigger));
            Files.createFile(trigger.resolveSibling("demo.tmp"));
            await().pollDelay(Duration.ofSeconds(3))
                    .atMost(LONG)
                    .until(() -> said("demo.tmp asks for nothing") > 0 && daemon.isIdle());
            assertThat(said("did you mean " + trigger + "?")).isEqualTo(1);
            assertThat(sequence()).isEqualTo(2);
        }
    }

    @Test
    void triggerThatWasAcceptedByADaemonThatDiedIsMadeUpForByTheNext() throws Exception {
        Files.createDirectories(trigger.getParent());
        Files.createFile(trigger.resolveSibling(".demo.accepted"));
        try (Daemon daemon = new Daemon()) {
            await().atMost(LONG).until(() -> sequence() == 1 && daemon.isIdle());
            assertThat(trigger.getParent()).isEmptyDirectory();
        }
    }

    @Test
    void triggerWhosePublicationFailedIsGoneAndTheNextOneTriesAgain() throws Exception {
        publisher.set("caravan.retry.attempts", "1");
        try (Daemon daemon = new Daemon()) {
            proxy.always(FaultProxy.puts("/chunks/"), Fault.answer(503));
            Files.createFile(trigger);
            await().atMost(LONG).until(() -> said("503 SlowDown") > 0 && daemon.isIdle());
            assertThat(trigger.getParent()).isEmptyDirectory();
            assertThat(bucket.latest()).isEmpty();
            proxy.clear();
            Files.createFile(trigger);
            await().atMost(LONG).until(() -> sequence() == 1);
        }
    }

    @Test
    void scheduleThatFindsNothingChangedPublishesNothingAndSaysSo() throws Exception {
        publisher.publish();
        publisher.set("caravan.database.demo.schedule", "0/1 * * * * ?");
        try (Daemon daemon = new Daemon()) {
            await().atMost(LONG).until(() -> said("demo: not published: nothing changed since the snapshot of") >= 3);
            assertThat(sequence()).isEqualTo(1);

            database.write(20);

            await().atMost(LONG).until(() -> sequence() == 2 && daemon.isIdle());
            int before = said("not published");
            await().atMost(LONG).until(() -> said("not published") >= before + 3);
            assertThat(sequence()).isEqualTo(2);
        }
    }

    @Test
    void changeIsPublishedWhenTheDatabaseIsQuietAndItsFilesAreNotTouched() throws Exception {
        publisher.publish();
        publisher.set("caravan.database.demo.quiet", "2s");
        List<String> before = database.fingerprint();
        try (Daemon daemon = new Daemon()) {
            await().pollDelay(Duration.ofSeconds(4)).atMost(LONG).until(daemon::isIdle);
            assertThat(sequence()).as("nothing changed").isEqualTo(1);
            assertThat(database.fingerprint()).isEqualTo(before);

            database.write(20);

            await().atMost(LONG).until(() -> sequence() == 2 && daemon.isIdle());
            assertThat(said("it changed and has been quiet since")).isEqualTo(1);
        }
        assertThat(database.fingerprint()).noneMatch(file -> file.contains(".camel") || file.contains("camelLock"));
    }

    @Test
    void watchingManyFilesIsAlmostFree() throws Exception {
        Path store = Files.createDirectories(directory.resolve("large/node/chains/demo/db/full"));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000001\n");
        Files.writeString(store.resolve("MANIFEST-000001"), "edits");
        for (int number = 100; number < 100 + FILES; number++) {
            Files.createFile(store.resolve(number + ".sst"));
        }
        publisher
                .set(
                        "caravan.database.demo.directory",
                        store.getParent().getParent().toString())
                .set("caravan.database.demo.quiet", "100d");
        try (Daemon daemon = new Daemon()) {
            await().pollDelay(Duration.ofSeconds(3)).atMost(LONG).until(daemon::isIdle);
            long begin = processNanos();
            await().pollDelay(WATCHED).atMost(LONG).until(() -> true);
            double used = (processNanos() - begin) / 1e9;
            System.out.printf("WatchRoutesTest: %s of watching %d files took %.2f s of CPU%n", WATCHED, FILES, used);
            assertThat(used).isLessThan(WATCHED.toSeconds() / 3.0);
        }
    }

    private static long processNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private void touch() {
        try {
            Files.write(trigger, new byte[] {1});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long sequence() throws Exception {
        return bucket.latest().map(latest -> latest.pointer().sequence()).orElse(0L);
    }

    private int said(String words) {
        return (int) List.copyOf(log.list).stream()
                .filter(event -> event.getFormattedMessage().contains(words))
                .count();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("caravan.app.routing");
    }

    /** What {@code caravan run} does, in this process. */
    private final class Daemon implements AutoCloseable {

        private final PipelineBeans beans;

        private final Pipeline pipeline;

        Daemon() throws Exception {
            Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
            Settings settings = installation.settings();
            beans = new PipelineBeans(installation, settings);
            pipeline = Pipeline.load(installation, settings, beans, beans.probe(), true);
            beans.watching().prepare();
            pipeline.begin();
        }

        /** Whether no publication is under way: the stage is swept when one ends, and its session with it. */
        boolean isIdle() {
            return Files.notExists(database.stage())
                    && Files.notExists(trigger.resolveSibling(".demo.accepted"))
                    && Files.notExists(trigger);
        }

        @Override
        public void close() {
            pipeline.close();
            beans.close();
        }
    }
}
