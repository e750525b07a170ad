package caravan.app.operating;

import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** Collections of this process, for Prometheus. Safe for many threads. */
public final class RetentionMeters implements Consumer<EndedCollection> {

    private static final double MILLIS = 1000;

    private final Clock clock;

    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);

    private final Counter chunks;

    private final Counter bytes;

    private final Counter snapshots;

    private volatile RetentionReport last;

    private volatile double doneAt = Double.NaN;

    /** How a collection ended. */
    private enum Outcome {
        DONE,
        POSTPONED,
        TOKEN_NEEDED,
        FAILED
    }

    /** Meters in {@code registry}. */
    RetentionMeters(MeterRegistry registry, Clock clock) {
        this.clock = clock;
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(
                    outcome,
                    Counter.builder("caravan.retain.collections")
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .description("How collections ended")
                            .register(registry));
        }
        chunks = Counter.builder("caravan.retain.deleted.chunks")
                .description("Chunks that were deleted")
                .register(registry);
        bytes = Counter.builder("caravan.retain.deleted.bytes")
                .description("Bytes of chunks that were deleted")
                .register(registry);
        snapshots = Counter.builder("caravan.retain.retired.snapshots")
                .description("Snapshots that were taken away")
                .register(registry);
        Gauge.builder("caravan.retain.timestamp.seconds", () -> doneAt)
                .description("When a collection last got through, in seconds since 1970")
                .register(registry);
        gauge(
                registry,
                "caravan.retain.stored.bytes",
                "All chunks that were stored at the last collection",
                report -> report.chunks().bytes());
        gauge(registry, "caravan.retain.due.bytes", "What might have been deleted then", report -> report.due()
                .bytes());
    }

    @Override
    public void accept(EndedCollection ended) {
        chunks.increment((double) ended.collected().chunks().objects());
        bytes.increment((double) ended.collected().chunks().bytes());
        snapshots.increment(ended.collected().snapshots().size());
        ended.reported().ifPresent(report -> last = report);
        Outcome outcome = outcomeOf(ended.reported());
        outcomes.get(outcome).increment();
        if (outcome == Outcome.DONE) {
            doneAt = clock.millis() / MILLIS;
        }
    }

    private void gauge(MeterRegistry registry, String name, String description, ToLongFunction<RetentionReport> value) {
        Gauge.builder(name, () -> {
                    RetentionReport report = last;
                    return report == null ? Double.NaN : (double) value.applyAsLong(report);
                })
                .description(description)
                .register(registry);
    }

    private static Outcome outcomeOf(Optional<RetentionReport> report) {
        if (report.isEmpty()) {
            return Outcome.FAILED;
        }
        if (!report.get().token().isEmpty()) {
            return Outcome.TOKEN_NEEDED;
        }
        return report.get().postponedFor().isEmpty() ? Outcome.DONE : Outcome.POSTPONED;
    }
}
