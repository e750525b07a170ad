package caravan.app;

import static caravan.faults.FaultProxy.gets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.publish.Refusals;
import caravan.snapshot.BucketPaths;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kills publishers in the middle of a drill that is a gate. Then {@code latest} is what it was, nothing that was begun goes
 * on for long, and the next publication needs no help.
 */
@Timeout(300)
final class DrillKillIT {

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));

    private static final int KILLED = 128 + 9;

    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private LocalS3 server;

    private FaultProxy edge;

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    private Path scratch;

    private byte[] pointer;

    static List<Boolean> copiesThatStay() {
        return LONG ? List.of(true, false) : List.of(true);
    }

    static List<Boolean> copiesThatGo() {
        return LONG ? List.of(true, false) : List.of(false);
    }

    @BeforeEach
    void publishOnce() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        URI served = server.publicUrl();
        edge = FaultProxy.before(URI.create(served.getScheme() + "://" + served.getAuthority()));
        database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        scratch = directory.resolve("scratch");
        publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "")
                .set("caravan.public-url", edge.endpoint() + served.getPath())
                .set("caravan.drill.directory", scratch.toString());
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
        caravan.run(publisher.environment(), "publish").requireSuccess();
        pointer = bucket.read(BucketPaths.latest(PublishedBucket.DATABASE));
        database.write(10);
        publisher.set("caravan.database.demo.drill", "gate");
    }

    @AfterEach
    void stop() throws Exception {
        edge.close();
        server.close();
    }

    @ParameterizedTest
    @MethodSource("copiesThatStay")
    void killedWhileTheSnapshotIsRestoredItLeavesLatestAloneAndTheNextOneNeedsNoHelp(boolean keepsCopy)
            throws Exception {
        publisher.set("caravan.drill.keep-copy", Boolean.toString(keepsCopy));
        AtomicInteger seen = new AtomicInteger();
        Installed.Running running = caravan.start(publisher.environment(), "publish");
        edge.always(
                gets("/chunks/").and(request -> {
                    if (seen.incrementAndGet() == 5) {
                        running.process().destroyForcibly();
                    }
                    return false;
                }),
                Fault.none());

        assertThat(Installed.finish(running).status()).isEqualTo(KILLED);
        assertThat(scratch.resolve("caravan-drill-demo")).isDirectory();

        edge.clear();
        requireConvergence(keepsCopy);
    }

    @ParameterizedTest
    @MethodSource("copiesThatGo")
    void killedWhileTheCanaryJudgesItLeavesLatestAloneAndTheCanaryEndsInTime(boolean keepsCopy) throws Exception {
        publisher.set("caravan.drill.keep-copy", Boolean.toString(keepsCopy));
        Path told = directory.resolve("told");
        publisher
                .set(
                        "caravan.database.demo.canary",
                        "echo $$ > " + told + ".new; mv " + told + ".new " + told + "; sleep 280")
                .set("caravan.database.demo.canary-timeout", "10s");
        Installed.Running running = caravan.start(publisher.environment(), "publish");
        await().atMost(LONGEST).until(() -> Files.exists(told));
        ProcessHandle canary =
                ProcessHandle.of(Long.parseLong(Files.readString(told).strip())).orElseThrow();
        running.process().destroyForcibly();

        assertThat(Installed.finish(running).status()).isEqualTo(KILLED);
        publisher.set("caravan.database.demo.canary", "");
        requireConvergence(keepsCopy);
        await("the canary's own time limit ends it").atMost(LONGEST).until(() -> !canary.isAlive());
    }

    private void requireConvergence(boolean keepsCopy) throws Exception {
        assertThat(bucket.read(BucketPaths.latest(PublishedBucket.DATABASE))).isEqualTo(pointer);
        assertThat(bucket.latest().orElseThrow().record().drill()).isEqualTo("none");
        await("readers end with the program that started them").atMost(LONGEST).until(() -> ProcessHandle.allProcesses()
                .noneMatch(this::isReaderOfOurs));

        caravan.run(publisher.environment(), "publish").requireSuccess();

        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        assertThat(latest.pointer().sequence()).isEqualTo(2);
        assertThat(latest.record().drill()).startsWith("passed ");
        assertThat(new Refusals(publisher.state(), Clock.systemUTC()).of(PublishedBucket.DATABASE))
                .as("nobody judged it")
                .isEmpty();
        assertThat(publisher.state().resolve("engine")).isEmptyDirectory();
        assertThat(database.stage()).doesNotExist();
        if (keepsCopy) {
            assertThat(namesIn(scratch.resolve("caravan-drill-demo"))).containsExactlyInAnyOrder("copy", "client");
        } else {
            assertThat(namesIn(scratch)).containsExactly("caravan-drill-demo.lock");
        }
        for (String line : database.fingerprint()) {
            assertThat(line).doesNotContain(".caravan");
        }
        Path restored = bucket.restore(latest, directory.resolve("restored"));
        assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(database.root()));
    }

    /** Its command line is too long for {@link ProcessHandle.Info}. */
    private boolean isReaderOfOurs(ProcessHandle process) {
        Path arguments = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try (RandomAccessFile file = new RandomAccessFile(arguments.toFile(), "r")) {
            StringBuilder text = new StringBuilder();
            for (int value = file.read(); value >= 0; value = file.read()) {
                text.append((char) value);
            }
            return text.indexOf(publisher.state().resolve("engine").toString()) >= 0;
        } catch (IOException e) {
            // Gone, or somebody else's.
            return false;
        }
    }

    private static List<String> namesIn(Path parent) throws IOException {
        try (Stream<Path> names = Files.list(parent)) {
            return names.map(each -> each.getFileName().toString()).toList();
        }
    }
}
