package caravan.app;

import static caravan.faults.FaultProxy.puts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.samplenode.ScriptedNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A publisher that is told to stop, at any moment: it goes in time, in order, and leaves nothing behind. */
@Timeout(3600)
final class StopIT {

    private static final int STOPS = "long".equals(System.getProperty("caravan.test.form")) ? 100 : 8;

    private static final long IN_TIME_SECONDS = 45;

    private static final Duration LONG = Duration.ofMinutes(2);

    private static final int STOPPED = 75;

    private static final int KILLED = 128 + 15;

    /** The requests of a publication, and none: then the stop comes after a random time. */
    private static final List<String> MOMENTS = List.of(
            "/_control/sessions/",
            "",
            "/chunks/",
            "/chunks/",
            "/_control/pending/",
            "/manifest.jsonl",
            "/record",
            "/demo/latest");

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private LocalS3 server;

    private FaultProxy proxy;

    private RunningSampleNode node;

    private Publisher publisher;

    private PublishedBucket bucket;

    private Path trigger;

    @BeforeEach
    void start() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        proxy = FaultProxy.before(server.endpoint());
        SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "2MB");
        node = RunningSampleNode.start(database.base(), Profile.DEMO, "--batches-per-second", "8");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        publisher = new Publisher(directory.resolve("publisher"), database, proxy.endpoint(), "")
                .set("caravan.database.demo.rpc-url", node.rpcUrl().toString())
                .set("caravan.database.demo.min-peers", "0")
                .set("caravan.http.port", String.valueOf(port));
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
        trigger = publisher.state().resolve("trigger").resolve("demo");
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        proxy.close();
        server.close();
    }

    @Test
    void daemonThatIsStoppedAtAnyMomentGoesInTimeAndTheNextOneNeedsNoHelp() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        System.out.println("StopIT: seed " + seed);
        long sequence = 0;
        for (int turn = 0; turn < STOPS; turn++) {
            String moment = MOMENTS.get(turn % MOMENTS.size());
            Installed.Running daemon = startDaemon();
            AtomicInteger seen = new AtomicInteger();
            int number = moment.equals("/chunks/") ? 1 + random.nextInt(10) : 1;
            proxy.always(
                    puts(moment.isEmpty() ? "/nothing/" : moment).and(request -> {
                        if (seen.incrementAndGet() == number) {
                            daemon.process().destroy();
                        }
                        return false;
                    }),
                    Fault.none());
            trigger();
            if (moment.isEmpty()) {
                long millis = 1000L + random.nextInt(1500);
                assertThat(daemon.process().waitFor(millis, TimeUnit.MILLISECONDS))
                        .isFalse();
                daemon.process().destroy();
            } else {
                await().atMost(LONG)
                        .until(() -> seen.get() >= number || !daemon.process().isAlive());
            }
            requireEnd(daemon, 0, "turn " + turn + " at " + moment + ", seed " + seed);
            proxy.clear();
            long now =
                    bucket.latest().map(latest -> latest.pointer().sequence()).orElse(0L);
            assertThat(now).isGreaterThanOrEqualTo(sequence);
            sequence = now;
            assertThat(node.isAlive()).isTrue();
        }
        publisher.environment().remove("CARAVAN_DATABASE_DEMO_RPC_URL");
        node.stop();
        caravan.run(publisher.environment(), "publish").requireSuccess();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(sequence + 1);
        bucket.requireKnownNamesOnly();
    }

    @Test
    void daemonThatWaitsForAStoreThatIsDownGoesAtOnce() throws Exception {
        publisher
                .set("caravan.retry.delay", "20s")
                .set("caravan.retry.max-delay", "40s")
                .set("caravan.retry.attempts", "20");
        Installed.Running daemon = startDaemon();
        AtomicInteger refused = new AtomicInteger();
        proxy.always(puts("/chunks/").and(request -> refused.incrementAndGet() > 0), Fault.answer(503));
        trigger();
        await().atMost(LONG).until(() -> refused.get() >= 4);

        daemon.process().destroy();

        requireEnd(daemon, 0, "in retry sleep");
        assertThat(bucket.latest()).isEmpty();
        proxy.clear();
        publisher.set("caravan.retry.delay", "10ms");
        Installed.Running next = startDaemon();
        await().atMost(LONG).until(() -> bucket.latest().isPresent());
        next.process().destroy();
        requireEnd(next, 0, "after it made up for the trigger");
    }

    @Test
    void daemonWhoseStoreDoesNotAnswerAnyMoreGoesInTime() throws Exception {
        publisher.set("caravan.s3.idle-timeout", "10m");
        Installed.Running daemon = startDaemon();
        AtomicInteger stalled = new AtomicInteger();
        proxy.always(puts("/chunks/").and(request -> stalled.incrementAndGet() > 0), Fault.withholdAnswer());
        trigger();
        await().atMost(LONG).until(() -> stalled.get() >= 4);

        daemon.process().destroy();

        requireEnd(daemon, 0, "with a stalled store");
    }

    @Test
    void daemonThatIsStoppedWhileItWarmsPublishesColdAndGoes() throws Exception {
        try (FaultProxy edge = FaultProxy.before(server.publicUrl())) {
            AtomicInteger stalled = new AtomicInteger();
            edge.always(request -> stalled.incrementAndGet() > 0, Fault.withholdAnswer());
            publisher
                    .set(
                            "caravan.public-url",
                            edge.endpoint() + server.publicUrl().getPath())
                    .set("caravan.warm.regions", "here")
                    .set("caravan.warm.region.here.via", "direct")
                    .set("caravan.warm.hold", "10m");
            Installed.Running daemon = startDaemon();
            trigger();
            await().atMost(LONG).until(() -> stalled.get() > 0);

            daemon.process().destroy();

            requireEnd(daemon, 0, "in the hold");
            assertThat(bucket.latest()).isPresent();
            bucket.requireKnownNamesOnly();
        }
    }

    @Test
    void daemonThatIsStoppedWhileItHoldsTheNodeStillLetsItGoOn() throws Exception {
        try (ScriptedNode service =
                ScriptedNode.start(directory.resolve("service"), Profile.DEMO, "--initial-bytes", "2MB")) {
            Path stopping = directory.resolve("stopping");
            Path stopped = directory.resolve("stopped");
            publisher
                    .set(
                            "caravan.database.demo.directory",
                            service.databaseRoot().toString())
                    .set("caravan.database.demo.rpc-url", "")
                    .set("caravan.database.demo.capture", "stop")
                    .set(
                            "caravan.database.demo.stop-command",
                            "touch " + stopping + " && sleep 2 && " + service.stopCommand() + " && touch " + stopped)
                    .set("caravan.database.demo.start-command", service.startCommand());
            for (Path moment : List.of(stopping, stopped)) {
                Installed.Running daemon = startDaemon();
                trigger();
                await().atMost(LONG).until(() -> Files.exists(moment));
                long height = service.acknowledgedHead();

                daemon.process().destroy();

                assertThat(daemon.process().waitFor(IN_TIME_SECONDS, TimeUnit.SECONDS))
                        .as(() -> textOf(daemon.err()))
                        .isTrue();
                service.awaitHeadAbove(height);
                Files.deleteIfExists(trigger);
                Files.deleteIfExists(stopping);
                Files.deleteIfExists(stopped);
            }
        }
    }

    @Test
    void daemonThatIsStoppedWhileItStartsGoesInTime() throws Exception {
        int port = Integer.parseInt(publisher.environment().get("CARAVAN_HTTP_PORT"));
        Installed.Running daemon = caravan.start(publisher.environment(), "run");
        // The first of it that runs; the routes are loaded after it.
        await().atMost(LONG).pollInterval(Duration.ofMillis(5)).until(() -> isOpen(port));

        daemon.process().destroy();

        assertThat(daemon.process().waitFor(IN_TIME_SECONDS, TimeUnit.SECONDS))
                .as(() -> textOf(daemon.err()))
                .isTrue();
        assertThat(daemon.process().exitValue()).isIn(0, KILLED);
        requireNothingLeft("while it starts");
    }

    @Test
    void secondSignalEndsItAtOnce() throws Exception {
        publisher.set("caravan.s3.idle-timeout", "10m");
        Installed.Running daemon = startDaemon();
        AtomicInteger stalled = new AtomicInteger();
        proxy.always(puts("/chunks/").and(request -> stalled.incrementAndGet() > 0), Fault.withholdAnswer());
        trigger();
        await().atMost(LONG).until(() -> stalled.get() >= 4);

        daemon.process().destroy();
        await().atMost(LONG).until(() -> Files.readString(daemon.err()).contains("once more ends it at once"));
        // One that comes within a second of the first is the same one.
        await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
        daemon.process().destroy();

        assertThat(daemon.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(daemon.process().exitValue()).isEqualTo(KILLED);
    }

    @Test
    void commandThatIsStoppedSaysThatTryingAgainHelps() throws Exception {
        publisher.set("caravan.retry.delay", "20s").set("caravan.retry.max-delay", "40s");
        AtomicInteger refused = new AtomicInteger();
        // The store wants to be left alone, also by what the command does last.
        proxy.always(
                puts("/chunks/").and(request -> refused.incrementAndGet() > 0), Fault.answer(503, "Retry-After: 600"));
        Installed.Running command = caravan.start(publisher.environment(), "publish");
        await().atMost(LONG).until(() -> refused.get() >= 1);

        // As timeout(1) does, which tells the process and its group.
        command.process().destroy();
        command.process().destroy();

        assertThat(command.process().waitFor(IN_TIME_SECONDS, TimeUnit.SECONDS)).isTrue();
        Installed.Outcome outcome = Installed.finish(command);
        outcome.requireFailure(STOPPED, "the program was told to stop", "run it again");
        requireNothingLeft("after a command: " + outcome.err());
    }

    private Installed.Running startDaemon() throws Exception {
        Installed.Running daemon = caravan.start(publisher.environment(), "run");
        await().atMost(LONG)
                .failFast(() -> assertThat(daemon.process().isAlive())
                        .as(() -> textOf(daemon.err()))
                        .isTrue())
                .until(() -> textOf(daemon.err()).contains("running with 1 databases"));
        return daemon;
    }

    private void trigger() throws Exception {
        if (Files.notExists(trigger)) {
            Files.createFile(trigger);
        }
    }

    private void requireEnd(Installed.Running daemon, int status, String when) throws Exception {
        assertThat(daemon.process().waitFor(IN_TIME_SECONDS, TimeUnit.SECONDS))
                .as("ends in time, %s: %s", when, textOf(daemon.err()))
                .isTrue();
        assertThat(daemon.process().exitValue())
                .as("%s: %s", when, textOf(daemon.err()))
                .isEqualTo(status);
        requireNothingLeft(when + ": " + textOf(daemon.err()));
        Files.delete(daemon.out());
        Files.delete(daemon.err());
    }

    private void requireNothingLeft(String when) throws Exception {
        assertThat(node.databaseRoot().resolveSibling(".caravan-demo")).as(when).doesNotExist();
        List<String> sessions = new ArrayList<>();
        for (String name : bucket.names()) {
            if (name.startsWith("_control/sessions/")
                    && !new String(bucket.read(name), StandardCharsets.UTF_8).contains("\"ended\":true")) {
                sessions.add(name);
            }
        }
        assertThat(sessions).as("sessions that did not end, %s", when).isEmpty();
    }

    private static boolean isOpen(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String textOf(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
