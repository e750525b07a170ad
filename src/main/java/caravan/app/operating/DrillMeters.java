package caravan.app.operating;

import caravan.drill.DrillReport;
import caravan.snapshot.DatabaseName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The last drill of each database, for Prometheus; NaN before the first. Safe for many threads. */
public final class DrillMeters implements Consumer<DrillReport> {

    private static final double MILLIS = 1000;

    private final MeterRegistry registry;

    private final Map<DatabaseName, DrillReport> last = new ConcurrentHashMap<>();

    /** Meters in {@code registry} for {@code databases}. */
    DrillMeters(MeterRegistry registry, Collection<DatabaseName> databases) {
        this.registry = registry;
        for (DatabaseName database : databases) {
            gauge(
                    "caravan.drill.passed",
                    database,
                    report -> report.passed() ? 1 : 0,
                    "1 if the last drill passed, else 0");
            gauge(
                    "caravan.drill.timestamp.seconds",
                    database,
                    report -> report.at().toEpochMilli() / MILLIS,
                    "When the last drill ended, in seconds since 1970");
            gauge(
                    "caravan.drill.seconds",
                    database,
                    report -> report.took().toMillis() / MILLIS,
                    "How long the last drill took");
        }
    }

    @Override
    public void accept(DrillReport report) {
        last.put(report.database(), report);
    }

    private void gauge(String name, DatabaseName database, ToDoubleFunction<DrillReport> value, String description) {
        Gauge.builder(name, last, all -> {
                    DrillReport report = all.get(database);
                    return report == null ? Double.NaN : value.applyAsDouble(report);
                })
                .tag("database", database.value())
                .description(description)
                .register(registry);
    }
}
