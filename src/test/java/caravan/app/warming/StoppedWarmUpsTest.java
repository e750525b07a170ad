package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.store.InMemoryObjectStore;
import caravan.warm.LaterLook;
import caravan.warm.Region;
import caravan.warm.RegionReport;
import caravan.warm.RegionWarming;
import caravan.warm.Vantage;
import caravan.warm.WarmListener;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRules;
import caravan.warm.WarmRun;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoppedWarmUpsTest {

    private static final URI PUBLIC_URL = URI.create("http://cdn.example.org");

    @TempDir
    Path directory;

    @Test
    void publicationThatGoesOnToItsEndAfterAStopWaitsForNoRegion() throws Exception {
        Region region = new Region("eu-central-1", new Vantage.Queue("eu"));
        WarmSetup setup = new WarmSetup(
                List.of(region),
                Map.of(),
                new WarmRules(1, 0, Duration.ofDays(1), 10, Duration.ofMillis(1), Duration.ofMillis(1), false),
                false,
                Duration.ofMinutes(10),
                WarmPrices.NONE,
                directory);
        LaterLooks looks = new LaterLooks(List.of(), setup, PUBLIC_URL, directory, Clock.systemUTC());
        WarmUps warmUps = new WarmUps(
                setup, PUBLIC_URL, new InMemoryObjectStore(), looks, new Nobody(), Clock.systemUTC(), new Random(1));
        WarmPlan plan = WarmPlan.create(directory);
        plan.add(EdgeFront.chunk(0, 100));

        warmUps.stop();
        WarmRun run = warmUps.begin(new DatabaseName("demo"), new SnapshotId(Instant.EPOCH, 1), plan.complete());

        assertThat(run.regions()).hasSize(1).allMatch(RegionWarming::isCalledOff);
        run.regions().forEach(run::finish);
    }

    private static final class Nobody implements WarmListener {

        @Override
        public void regionFinished(WarmRun run, RegionReport report) {
            // nobody hears
        }

        @Override
        public void lookedLater(String region, LaterLook look) {
            // nobody hears
        }
    }
}
