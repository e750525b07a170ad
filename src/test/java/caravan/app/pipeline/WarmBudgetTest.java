package caravan.app.pipeline;

import static caravan.app.pipeline.WarmBench.front;
import static caravan.app.pipeline.WarmBench.pathOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.alert.SlackStandIn;
import caravan.app.warming.EdgeFront;
import caravan.app.warming.EdgeFront.Harm;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import caravan.warm.WarmCost;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A warm-up that costs too much ends; the shipped routes, and prices that make two thousand bytes cost two dollars. */
@Timeout(120)
final class WarmBudgetTest {

    private static final int OBJECTS = 60;

    @TempDir
    Path directory;

    private WarmBench bench;

    private EdgeFront edge;

    @BeforeEach
    void setUp() throws Exception {
        edge = front("FRA50-C1", OBJECTS);
        bench = new WarmBench(directory.resolve("bench"), URI.create("http://127.0.0.1:1"));
        bench.set("caravan.warm.parallelism", "2").region("eu-central-1", edge.vantage());
    }

    @AfterEach
    void tearDown() {
        bench.close();
        edge.close();
    }

    @Test
    void warmUpEndsWhenItsBudgetIsUsedUp() throws Exception {
        RegionReport report = bench.dear("20").warm(OBJECTS).get(0);
        assertThat(report.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(report.reason()).isEqualTo("its budget of $20.00 was used up");
        // Two dollars for each; two more may have been under way.
        assertThat(report.cold().objects()).isBetween(10L, 12L);
    }

    @Test
    void warmUpWithinItsBudgetIsWhole() throws Exception {
        assertThat(bench.dear("1000").warm(OBJECTS).get(0).state()).isEqualTo(RegionState.OK);
    }

    @Test
    void bytesOfAnObjectThatIsCutAreCountedToo() throws Exception {
        edge.harming(path -> Harm.CUT);
        RegionReport report = bench.set("caravan.warm.give-up-after", "1000")
                .dear("20")
                .warm(OBJECTS)
                .get(0);
        assertThat(report.reason()).isEqualTo("its budget of $20.00 was used up");
        assertThat(report.cold().objects()).isZero();
        // A dollar for each half.
        assertThat(report.errors()).isBetween(18L, 22L);
    }

    @Test
    void budgetThatIsUsedUpIsToldOfOnceForAllRegionsInTheWordsOfTheRoute() throws Exception {
        try (SlackStandIn slack = SlackStandIn.start();
                EdgeFront other = front("GRU3-C1", OBJECTS)) {
            bench.region("sa-east-1", other.vantage())
                    .set("caravan.alert.slack.webhook", slack.webhook())
                    .dear("20");
            bench.loadRoutesAnew();
            bench.warm(OBJECTS);
            String title = "warming demo ended at its budget";
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> slack.texts().stream().anyMatch(text -> text.contains(title)));
            bench.warm(1);
            assertThat(slack.texts().stream().filter(text -> text.contains(title)))
                    .singleElement()
                    .asString()
                    .contains("its budget of $20.00 was used up", "caravan.warm.budget", "What to do:");
        }
    }

    @Test
    void costOfEachRegionAndOfAllStandsInTheReport() throws Exception {
        try (LocalS3 store = LocalS3.start(
                        directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
                EdgeFront other = front("GRU3-C1", OBJECTS)) {
            other.harming(path -> path.equals(pathOf(3)) ? Harm.BUSY : Harm.NONE);
            bench.set("caravan.s3.endpoint", store.endpoint().toString())
                    .set("caravan.warm.sample", "5")
                    .region("sa-east-1", other.vantage())
                    .dear("1000");
            bench.warm(OBJECTS);
            Path objects = directory.resolve("s3").resolve(Publisher.BUCKET).resolve("bench");
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
                RegionsReport report = only(objects);
                assertThat(report.regions()).noneMatch(region -> region.state() == RegionState.GOING);
                // Each object once, and five of them again.
                assertThat(report.cost())
                        .contains(new WarmCost(
                                "dear",
                                LocalDate.parse("2025-06-01"),
                                Map.of(
                                        "eu-central-1", (OBJECTS + 5) * 2_000_000L,
                                        "sa-east-1", (OBJECTS - 1 + 5) * 2_000_000L)));
            });
        }
    }

    private static RegionsReport only(Path objects) throws Exception {
        try (var all = Files.walk(objects)) {
            List<Path> found = all.filter(path -> path.endsWith("regions.json")).toList();
            assertThat(found).hasSize(1);
            return RegionsFormat.read(Files.readAllBytes(found.get(0)), "regions");
        }
    }
}
