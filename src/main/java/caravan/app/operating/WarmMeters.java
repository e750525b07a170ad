package caravan.app.operating;

import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.WarmListener;
import caravan.warm.WarmRun;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** Numbers about warming, by region; the gauges show the last warm-up. Safe for many threads. */
public final class WarmMeters implements WarmListener {

    private static final String REGION = "region";

    private static final double MICROS = 1e6;

    private final MeterRegistry registry;

    private final Map<String, PassReport> cold = new ConcurrentHashMap<>();

    private final Map<String, PassReport> warm = new ConcurrentHashMap<>();

    /** By region and seconds. */
    private final Map<String, LaterLook> later = new ConcurrentHashMap<>();

    /** Meters in {@code registry} for {@code regions}, and for looks at them so long after they were warmed. */
    public WarmMeters(MeterRegistry registry, Collection<String> regions, Collection<Duration> looks) {
        this.registry = registry;
        for (String region : regions) {
            prepare(region);
            looks.forEach(after -> prepare(region, after));
        }
    }

    private void prepare(String region) {
        cold.put(region, PassReport.NONE);
        warm.put(region, PassReport.NONE);
        count(region, PassReport.NONE, 0);
        Map.of("cold", cold, "warm", warm).forEach((look, reports) -> {
            gauge("caravan.warm.hit.ratio", region, look, reports, PassReport::hitRatio);
            gauge("caravan.warm.bytes.per.second", region, look, reports, PassReport::bytesPerSecond);
            gauge(
                    "caravan.warm.first.byte.p95.seconds",
                    region,
                    look,
                    reports,
                    pass -> pass.firstByteP95Micros() / MICROS);
        });
    }

    @Override
    public void regionFinished(WarmRun run, RegionReport report) {
        if (cold.containsKey(report.region())) {
            cold.put(report.region(), report.cold());
            warm.put(report.region(), report.warm());
            count(report.region(), report.cold(), report.errors());
        }
    }

    @Override
    public void lookedLater(String region, LaterLook look) {
        if (!cold.containsKey(region)) {
            return;
        }
        later.put(keyOf(region, look.after()), look);
    }

    private void prepare(String region, Duration after) {
        String key = keyOf(region, after);
        Gauge.builder(
                        "caravan.warm.later.hit.ratio",
                        later,
                        all -> all.containsKey(key) ? all.get(key).hitRatio() : Double.NaN)
                .tag(REGION, region)
                .tag("after", Long.toString(after.toSeconds()))
                .description("Share of a sample that caches still had so many seconds after it was warmed")
                .register(registry);
    }

    private static String keyOf(String region, Duration after) {
        return region + " " + after.toSeconds();
    }

    private void count(String region, PassReport pass, long errors) {
        registry.counter("caravan.warm.objects", REGION, region).increment((double) pass.objects());
        registry.counter("caravan.warm.bytes", REGION, region).increment((double) pass.bytes());
        registry.counter("caravan.warm.errors", REGION, region).increment((double) errors);
    }

    private void gauge(
            String name,
            String region,
            String look,
            Map<String, PassReport> reports,
            ToDoubleFunction<PassReport> value) {
        Gauge.builder(name, reports, all -> value.applyAsDouble(all.get(region)))
                .tag(REGION, region)
                .tag("look", look)
                .register(registry);
    }
}
