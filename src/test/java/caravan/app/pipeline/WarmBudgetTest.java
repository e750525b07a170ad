package caravan.app.pipeline;

import static caravan.app.pipeline.WarmBench.front;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.EdgeFront;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A warm-up that costs too much ends; the shipped routes, and prices that make two thousand bytes dear. */
@Timeout(120)
final class WarmBudgetTest {

    private static final int OBJECTS = 60;

    @TempDir
    Path directory;

    @Test
    void warmUpEndsWhenItsBudgetIsUsedUp() throws Exception {
        RegionReport report = warm("20");
        assertThat(report.state()).isEqualTo(RegionState.PARTIAL);
        assertThat(report.reason()).isEqualTo("its budget of $20.00 was used up");
        // Two dollars for each; two more may have been under way.
        assertThat(report.cold().objects()).isBetween(10L, 12L);
    }

    @Test
    void warmUpWithinItsBudgetIsWhole() throws Exception {
        assertThat(warm("1000").state()).isEqualTo(RegionState.OK);
    }

    private RegionReport warm(String budget) throws Exception {
        Path prices = Files.writeString(
                directory.resolve("prices.properties"),
                "date=2025-06-01\ndear.name=Dear\ndear.storage=0\ndear.egress=*:1000000\ndear.requests=0\n");
        try (WarmBench bench = new WarmBench(directory.resolve("bench"), URI.create("http://127.0.0.1:1"));
                EdgeFront edge = front("FRA50-C1", OBJECTS)) {
            bench.set("caravan.prices", prices.toString())
                    .set("caravan.warm.price", "dear")
                    .set("caravan.warm.budget", budget)
                    .set("caravan.warm.parallelism", "2")
                    .region("eu-central-1", edge.vantage());
            List<RegionReport> regions = bench.warm(OBJECTS);
            return regions.get(0);
        }
    }
}
