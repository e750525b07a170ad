package caravan.app.operating;

import caravan.app.warming.JobListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** Numbers about the jobs of a worker. Safe for many threads. */
final class JobMeters implements JobListener {

    private final MeterRegistry registry;

    JobMeters(MeterRegistry registry) {
        this.registry = registry;
        for (Outcome outcome : Outcome.values()) {
            over(outcome, 0, 0, 0, 0);
        }
    }

    @Override
    public void over(Outcome outcome, long came, long missed, long bytes) {
        over(outcome, 1, came, missed, bytes);
    }

    private void over(Outcome outcome, int jobs, long came, long missed, long bytes) {
        registry.counter("caravan.worker.jobs", "outcome", outcome.name().toLowerCase(Locale.ROOT))
                .increment(jobs);
        registry.counter("caravan.worker.objects", "how", "came").increment((double) came);
        registry.counter("caravan.worker.objects", "how", "missed").increment((double) missed);
        registry.counter("caravan.worker.bytes").increment((double) bytes);
    }
}
