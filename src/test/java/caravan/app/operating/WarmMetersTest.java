package caravan.app.operating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private final WarmMeters meters = new WarmMeters(
            registry, List.of("sa-east-1", "eu-central-1"), List.of(Duration.ofHours(1), Duration.ofDays(1)));

    @Test
    void everyRegionIsThereBeforeTheFirstWarmUp() {
        assertThat(counter("objects", "sa-east-1")).isZero();
        assertThat(gauge("hit.ratio", "eu-central-1", "warm")).isZero();
    }

    @Test
    void whatIsFetchedAddsUpAndTheLastLooksStandBesideIt() {
        meters.regionFinished(
                null,
                report(
                        "sa-east-1",
                        2,
                        new PassReport(10, 1000, 1, 9, 100, 1, 1),
                        new PassReport(5, 500, 5, 0, 10, 1, 1)));
        meters.regionFinished(
                null,
                report(
                        "sa-east-1",
                        1,
                        new PassReport(4, 4000, 1, 3, 2000, 7, 250_000),
                        new PassReport(4, 4000, 4, 0, 1000, 7, 9_000)));

        assertThat(counter("objects", "sa-east-1")).isEqualTo(14);
        assertThat(counter("bytes", "sa-east-1")).isEqualTo(5000);
        assertThat(counter("errors", "sa-east-1")).isEqualTo(3);
        assertThat(gauge("hit.ratio", "sa-east-1", "cold")).isEqualTo(0.25);
        assertThat(gauge("hit.ratio", "sa-east-1", "warm")).isEqualTo(1);
        assertThat(gauge("bytes.per.second", "sa-east-1", "cold")).isEqualTo(2000);
        assertThat(gauge("bytes.per.second", "sa-east-1", "warm")).isEqualTo(4000);
        assertThat(gauge("first.byte.p95.seconds", "sa-east-1", "cold")).isEqualTo(0.25, within(1e-9));
        assertThat(gauge("first.byte.p95.seconds", "sa-east-1", "warm")).isEqualTo(0.009, within(1e-9));
        assertThat(counter("objects", "eu-central-1")).isZero();
    }

    @Test
    void whatCachesStillHadLaterIsThereByTime() {
        meters.lookedLater("sa-east-1", new LaterLook(Duration.ofHours(1), Instant.EPOCH, 20, 20, 0));
        meters.lookedLater("sa-east-1", new LaterLook(Duration.ofDays(1), Instant.EPOCH, 20, 15, 5));
        meters.lookedLater("sa-east-1", new LaterLook(Duration.ofHours(1), Instant.EPOCH, 20, 10, 10));
        meters.lookedLater("mars-1", new LaterLook(Duration.ofHours(1), Instant.EPOCH, 20, 10, 10));

        assertThat(later("eu-central-1", "3600")).isNaN();
        assertThat(later("sa-east-1", "3600")).isEqualTo(0.5);
        assertThat(later("sa-east-1", "86400")).isEqualTo(0.75);
        assertThat(registry.getMeters())
                .noneMatch(meter -> "mars-1".equals(meter.getId().getTag("region")));
    }

    private double later(String region, String after) {
        return registry.get("caravan.warm.later.hit.ratio")
                .tag("region", region)
                .tag("after", after)
                .gauge()
                .value();
    }

    @Test
    void regionThatIsNotInTheSettingsMakesNoSeries() {
        meters.regionFinished(null, report("mars-1", 0, PassReport.NONE, PassReport.NONE));
        assertThat(registry.getMeters())
                .noneMatch(meter -> "mars-1".equals(meter.getId().getTag("region")));
    }

    private double counter(String name, String region) {
        return registry.get("caravan.warm." + name)
                .tag("region", region)
                .counter()
                .count();
    }

    private double gauge(String name, String region, String look) {
        return registry.get("caravan.warm." + name)
                .tag("region", region)
                .tag("look", look)
                .gauge()
                .value();
    }

    private static RegionReport report(String region, long errors, PassReport cold, PassReport warm) {
        return new RegionReport(region, "edge", RegionState.OK, "", List.of(), errors, 0, List.of(), cold, warm);
    }
}
