package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.pace.Waiting;
import caravan.price.Provider;
import caravan.price.Tier;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.warm.Region;
import caravan.warm.RegionWarming;
import caravan.warm.Vantage;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRules;
import caravan.warm.WarmRun;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class PricedRunTest {

    private static final long GB = 1_000_000_000;

    @TempDir
    Path directory;

    @Test
    void aBudgetThatIsUsedUpEndsAllRegionsBeforeItIsTold() throws Exception {
        Provider dollarPerGb =
                new Provider("p", "P", 0, List.of(new Tier(Double.POSITIVE_INFINITY, 1)), Map.of(), 0, Map.of(), 0, 0);
        PricedRun priced = new PricedRun(new WarmPrices(LocalDate.EPOCH, List.of(dollarPerGb), 5));
        WarmRun run = run(priced);
        List<Boolean> endedWhenTold = new ArrayList<>();
        AppenderBase<ILoggingEvent> told = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                endedWhenTold.add(run.regions().stream().allMatch(RegionWarming::isCalledOff));
            }
        };
        told.start();
        Logger log = (Logger) LoggerFactory.getLogger(PricedRun.class);
        log.addAppender(told);
        try {
            RegionWarming region = run.regions().get(0);
            assertThat(priced.setAside(region, 1, 5 * GB)).isTrue();
            assertThat(priced.setAside(region, 1, GB)).isFalse();
            assertThat(endedWhenTold)
                    .as("what is out may turn out to be cheaper")
                    .isEmpty();

            priced.giveBack(region, 1, 5 * GB);
            assertThat(priced.setAside(region, 1, 6 * GB)).isFalse();
            assertThat(priced.setAside(region, 1, 6 * GB)).isFalse();
        } finally {
            log.detachAppender(told);
        }

        assertThat(endedWhenTold).containsExactly(true);
        run.regions().forEach(run::finish);
    }

    private WarmRun run(PricedRun priced) throws Exception {
        WarmPlan plan = WarmPlan.create(directory);
        plan.add(EdgeFront.chunk(0, 100));
        return new WarmRun(
                new DatabaseName("demo"),
                new SnapshotId(Instant.EPOCH, 1),
                URI.create("http://cdn.example.org"),
                plan.complete(),
                List.of(
                        new Region("eu-central-1", new Vantage.Queue("eu")),
                        new Region("sa-east-1", new Vantage.Queue("sa"))),
                new WarmRules(1, 0, Duration.ofDays(1), 10, Duration.ofMillis(1), Duration.ofMillis(1), false),
                0,
                Waiting.REAL,
                priced);
    }
}
