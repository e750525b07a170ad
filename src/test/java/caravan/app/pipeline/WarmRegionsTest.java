package caravan.app.pipeline;

import static caravan.app.pipeline.WarmBench.front;
import static caravan.app.pipeline.WarmBench.pathOf;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.alert.Alerts;
import caravan.app.warming.EdgeFront;
import caravan.app.warming.EdgeFront.Harm;
import caravan.app.warming.NginxEdges;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.snapshot.BucketPaths;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import caravan.warm.WarmFault;
import caravan.warm.WarmRun;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Regions that are down, slow or wrong, through the shipped routes: the others finish, and the report says what was. */
@Timeout(180)
final class WarmRegionsTest {

    private static final int OBJECTS = 40;

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final List<AutoCloseable> open = new ArrayList<>();

    private String name;

    private WarmBench bench;

    private EdgeFront good;

    @BeforeAll
    static void startServer() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        name = test.getTestMethod().orElseThrow().getName();
        bench = new WarmBench(directory.resolve(name), server.endpoint());
        good = keep(front("FRA50-C1", OBJECTS));
        bench.region("eu-central-1", good.vantage() + ",expect=FRA");
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
    void deadRegionIsGivenUpSoonAndReportedOnceAndTheOthersFinish() throws Exception {
        int port = portOfNobody();
        bench.region("sa-east-1", "edge:127.0.0.1:" + port).set("caravan.warm.give-up-after", "4");
        List<RegionReport> regions = bench.warm(OBJECTS);
        assertThat(regions.get(0).state()).isEqualTo(RegionState.OK);
        RegionReport dead = regions.get(1);
        assertThat(dead.state()).isEqualTo(RegionState.FAILED);
        assertThat(dead.reason()).isEqualTo("given up after 4 failures in a row: no connection");
        assertThat(dead.errors()).isBetween(4L, 16L);
        assertThat(dead.faults().toString()).doesNotContain("127.0.0.1");
        awaitWarnings("warm sa-east-1 for demo ", 1);
        assertThat(warnings("eu-central-1")).isEmpty();
        assertThat(stored().regions()).isEqualTo(regions);
    }

    @Test
    void troubleOfARegionIsOverWhenThatRegionIsWarmAndNotWhenAPublicationSucceeds() throws Exception {
        EdgeFront edge = keep(front("GRU3-C1", OBJECTS)).harming(path -> Harm.BUSY);
        bench.region("sa-east-1", edge.vantage())
                .set("caravan.warm.give-up-after", "4")
                .set("caravan.alert.slack.webhook", "https://slack.invalid/x");
        bench.warm(OBJECTS);
        Alerts alerts = bench.alerts();
        awaitWaiting(alerts, 1);

        alerts.runSucceeded("demo", "next-run");
        assertThat(alerts.waitingFor("slack")).as("it is not over").isEqualTo(1);

        WarmRun calledOff = bench.begin(OBJECTS);
        calledOff.end("overtaken by the next publication");
        bench.warm(OBJECTS);
        awaitWarnings("warm sa-east-1 for demo ", 2);
        assertThat(alerts.waitingFor("slack")).as("it goes on and is known").isEqualTo(1);

        edge.harming(path -> Harm.NONE);
        assertThat(bench.warm(OBJECTS)).allMatch(region -> region.state() == RegionState.OK);
        awaitWaiting(alerts, 2);
        try (Stream<Path> waiting = Files.walk(bench.state().resolve("alerts/outbox"))) {
            assertThat(waiting.filter(Files::isRegularFile).sorted().toList())
                    .last()
                    .asString()
                    .satisfies(file -> assertThat(Path.of(file))
                            .content()
                            .contains("\"recovered\"", "\"warm-sa-east-1\"", "\"demo\""));
        }
    }

    private static void awaitWaiting(Alerts alerts, int count) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> alerts.waitingFor("slack") == count);
    }

    @Test
    void slowRegionIsEndedByItsDeadline() throws Exception {
        EdgeFront slow = keep(front("GRU3-C1", OBJECTS)).harming(path -> Harm.DRIP);
        bench.region("sa-east-1", slow.vantage()).set("caravan.warm.deadline", "1s");
        List<RegionReport> regions = bench.warm(OBJECTS);
        assertThat(regions.get(1).state()).isNotEqualTo(RegionState.OK);
        assertThat(regions.get(1).reason()).isEqualTo("its deadline was over");
        assertThat(regions.get(1).cold().objects()).isZero();
        assertThat(slow.requests()).isLessThanOrEqualTo(8);
        awaitWarnings("warm sa-east-1 for demo ", 1);
    }

    @Test
    void answersOfAnotherPlaceDoNotCount() throws Exception {
        EdgeFront elsewhere = keep(front("IAD89-C1", OBJECTS));
        bench.region("sa-east-1", elsewhere.vantage() + ",expect=GRU").set("caravan.warm.give-up-after", "3");
        RegionReport report = bench.warm(OBJECTS).get(1);
        assertThat(report.state()).isEqualTo(RegionState.WRONG_POP);
        assertThat(report.reason()).contains("answered by IAD89-C1, not by GRU");
        assertThat(report.pops()).containsExactly("IAD89-C1");
        assertThat(report.cold().objects()).isZero();
        assertThat(elsewhere.requests()).isLessThan(OBJECTS);
    }

    @Test
    void bodyThatIsCutIsNoticedAndFetchedAgain() throws Exception {
        Set<String> cut = ConcurrentHashMap.newKeySet();
        good.harming(path -> path.compareTo("chunks/8") < 0 && cut.add(path) ? Harm.CUT : Harm.NONE);
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.OK);
        assertThat(report.errors()).isEqualTo(cut.size()).isPositive();
        assertThat(report.faults()).extracting(WarmFault::what).containsOnly("the connection ended too early");
        assertThat(report.cold().objects()).isEqualTo(OBJECTS);
        assertThat(report.cold().bytes()).isEqualTo(OBJECTS * WarmBench.OBJECT_BYTES);
    }

    @Test
    void objectThatNeverComesWholeIsNamed() throws Exception {
        good.harming(path -> path.equals(pathOf(7)) ? Harm.CUT : Harm.NONE);
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(report.errors()).isEqualTo(3);
        assertThat(report.faults()).extracting(WarmFault::path).containsOnly(pathOf(7));
        assertThat(report.reason()).isEqualTo("1 objects did not come: the connection ended too early");
    }

    @Test
    void wrongBytesAreFoundAtTheSecondLookAndNamedWithTheirPlace() throws Exception {
        bench.set("caravan.warm.sample", String.valueOf(OBJECTS));
        good.harming(path -> path.equals(pathOf(7)) ? Harm.FLIP : Harm.NONE);
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(report.faults()).containsExactly(new WarmFault(pathOf(7), "FRA50-C1", "wrong bytes"));
        assertThat(report.warm().objects()).isEqualTo(OBJECTS - 1);
        awaitWarnings("warm eu-central-1 for demo ", 1);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        good.harming(path -> Harm.REDIRECT);
        bench.set("caravan.warm.give-up-after", "2");
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.FAILED);
        assertThat(report.reason()).endsWith("status 302");
    }

    @Test
    void originThatIsDownForAWhileIsWaitedFor() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        // One less than it is given up after, should they fail one after the other.
        good.harming(path -> asked.incrementAndGet() <= 9 ? Harm.BUSY : Harm.NONE);
        RegionReport report = bench.warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.OK);
        assertThat(report.errors()).isEqualTo(9);
    }

    @Test
    void regionWhoseOriginIsDownIsGivenUp() throws Exception {
        NginxEdges edges = keep(NginxEdges.start(
                directory.resolve(name + "-edges"), URI.create("http://127.0.0.1:1/nothing"), List.of("GRU3-C1")));
        bench.region("sa-east-1", "edge:127.0.0.1:" + edges.port("GRU3-C1"));
        List<RegionReport> regions = bench.warm(OBJECTS);
        assertThat(regions.get(0).state()).isEqualTo(RegionState.OK);
        assertThat(regions.get(1).state()).isEqualTo(RegionState.FAILED);
        assertThat(regions.get(1).reason()).endsWith("status 502");
    }

    @Test
    void nextWarmUpOfADatabaseEndsTheOneBefore() throws Exception {
        EdgeFront slow = keep(front("GRU3-C1", OBJECTS)).harming(path -> Harm.DRIP);
        bench.region("sa-east-1", slow.vantage());
        WarmRun first = bench.begin(OBJECTS);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> slow.requests() > 0);
        slow.harming(path -> Harm.NONE);
        List<RegionReport> second = bench.warm(OBJECTS);
        assertThat(second).allMatch(region -> region.state() == RegionState.OK);
        assertThat(first.isGoing()).isFalse();
        RegionReport overtaken = first.report(Instant.now()).regions().get(1);
        assertThat(overtaken.reason()).isEqualTo("overtaken by the next publication");
        assertThat(warnings("warm sa-east-1 for demo ")).isEmpty();
    }

    @Test
    void reportThatCannotBeWrittenDoesNotHideARegionInTrouble() throws Exception {
        bench.set("caravan.s3.endpoint", "http://127.0.0.1:1").set("caravan.warm.give-up-after", "2");
        good.harming(path -> Harm.BUSY);
        assertThat(bench.warm(OBJECTS).get(0).state()).isEqualTo(RegionState.FAILED);
        awaitWarnings("warm eu-central-1 for demo ", 1);
    }

    private RegionsReport stored() throws Exception {
        Path objects =
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve(name).resolve("demo");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.isDirectory(objects));
        try (var snapshots = Files.list(objects)) {
            Path file = snapshots.findFirst().orElseThrow().resolve(BucketPaths.REGIONS);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> RegionsFormat.read(Files.readAllBytes(file), "regions").regions().stream()
                            .noneMatch(region -> region.state() == RegionState.GOING));
            return RegionsFormat.read(Files.readAllBytes(file), "regions");
        }
    }

    private static int portOfNobody() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitWarnings(String words, int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> warnings(words).size() >= count);
        assertThat(warnings(words)).hasSize(count);
    }

    private List<String> warnings(String words) {
        synchronized (log) {
            return List.copyOf(log.list).stream()
                    .filter(event -> event.getLevel().levelInt >= ch.qos.logback.classic.Level.WARN_INT)
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(line -> line.contains(words))
                    .toList();
        }
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }
}
