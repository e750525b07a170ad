package caravan.app.operating;

import caravan.app.routing.PublicationListener;
import caravan.failure.CaravanException;
import caravan.publish.Milestone;
import caravan.publish.Publication;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.store.Brake;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Numbers about publications, by database: all called {@code caravan_…}, all there from the start, so that a rule about
 * one of them can tell "never" from "not asked". Names of databases and of stages are their only labels, and a dozen
 * words; nothing in them comes from a message or an address. Safe for many threads.
 */
public final class PublicationMeters implements PublicationListener {

    private static final String DATABASE = "database";

    private static final String OUTCOME = "outcome";

    private static final String PUBLICATIONS = "caravan.publications";

    private static final String CHUNKS = "caravan.chunks";

    private static final String CHUNK_BYTES = "caravan.chunk.bytes";

    private static final String HOW = "how";

    private static final String READ_BYTES = "caravan.read.bytes";

    private static final String STAGE = "caravan.stage";

    private static final List<String> OUTCOMES =
            List.of("published", "transient", "failed", "refused", "damaged", "wrong_usage", "stopped");

    private static final double MILLIS = 1000;

    private final MeterRegistry registry;

    private final Function<Throwable, CaravanException> words;

    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** What is known of a database; replaced whole. */
    private record Known(
            double publishedAt, double sequence, double height, double createdAt, double expiresAt, double pause) {

        private static final Known NOTHING = new Known(0, 0, 0, 0, 0, 0);
    }

    /**
     * Meters in {@code registry} for {@code databases}.
     *
     * @param brake of the store
     * @param words finds out what kind of failure one is
     */
    public PublicationMeters(
            MeterRegistry registry,
            Collection<DatabaseName> databases,
            Brake brake,
            Function<Throwable, CaravanException> words) {
        this.registry = registry;
        this.words = words;
        databases.forEach(name -> prepare(name.value()));
        Gauge.builder("caravan.store.requests.per.second.limit", brake, Brake::requestsPerSecond)
                .description("How many requests a second the store is asked; infinite while nothing is wrong")
                .register(registry);
        FunctionCounter.builder("caravan.store.failures", brake, Brake::failures)
                .description("Calls to the store that failed for a reason that may pass; most were tried again")
                .register(registry);
    }

    private void prepare(String database) {
        known.put(database, Known.NOTHING);
        gauge(
                "caravan.last.publication.timestamp.seconds",
                database,
                Known::publishedAt,
                "When this process published last, in seconds since 1970; 0 for never");
        gauge("caravan.latest.sequence", database, Known::sequence, "Sequence of latest; 0 for unknown");
        gauge("caravan.latest.height", database, Known::height, "Block that latest has at least; 0 for unknown");
        gauge(
                "caravan.latest.timestamp.seconds",
                database,
                Known::createdAt,
                "When the capture of latest began, in seconds since 1970; 0 for unknown");
        gauge(
                "caravan.latest.expires.timestamp.seconds",
                database,
                Known::expiresAt,
                "When clients will refuse latest, in seconds since 1970; 0 for unknown");
        gauge("caravan.pause.seconds", database, Known::pause, "How long the node stood still for the last capture");
        OUTCOMES.forEach(outcome -> registry.counter(PUBLICATIONS, DATABASE, database, OUTCOME, outcome));
        count(database, "sent", 0, 0);
        count(database, "reused", 0, 0);
        registry.counter(READ_BYTES, DATABASE, database);
    }

    @Override
    public void ended(Publication publication, Optional<Throwable> failure) {
        String database = publication.database().name().value();
        String outcome = failure.isPresent() && publication.isStopped() ? "stopped" : outcome(failure);
        count(
                database,
                "sent",
                publication.report().chunksSent(),
                publication.report().bytesSent());
        count(
                database,
                "reused",
                publication.report().chunksReused(),
                publication.report().bytesReused());
        registry.counter(READ_BYTES, DATABASE, database)
                .increment((double) publication.report().bytesRead());
        publication.report().durations().forEach((reached, time) -> time(database, reached, time));
        if (failure.isEmpty()) {
            known.computeIfPresent(
                    database,
                    (name, before) -> new Known(
                            System.currentTimeMillis() / MILLIS,
                            before.sequence(),
                            before.height(),
                            before.createdAt(),
                            before.expiresAt(),
                            publication.pauseMillis() / MILLIS));
        }
        publication.published().ifPresent(this::latest);
        // Last, so that whoever sees the publication counted finds its numbers there.
        registry.counter(PUBLICATIONS, DATABASE, database, OUTCOME, outcome).increment();
    }

    @Override
    public void failedToBegin(String database, Throwable failure) {
        if (known.containsKey(database)) {
            registry.counter(PUBLICATIONS, DATABASE, database, OUTCOME, outcome(Optional.of(failure)))
                    .increment();
        }
    }

    @Override
    public void latest(Pointer pointer) {
        known.computeIfPresent(
                pointer.database().value(),
                (name, before) -> new Known(
                        before.publishedAt(),
                        pointer.sequence(),
                        pointer.snapshot().height(),
                        pointer.snapshot().createdAt().getEpochSecond(),
                        pointer.expiresAt().getEpochSecond(),
                        before.pause()));
    }

    /** {@code TransientException} is {@code transient}, {@code WrongUsageException} is {@code wrong_usage}. */
    private String outcome(Optional<Throwable> failure) {
        return failure.map(words)
                .map(said -> said.getClass().getSimpleName().replace("Exception", ""))
                .map(kind -> kind.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT))
                .orElse("published");
    }

    private void count(String database, String how, long chunks, long bytes) {
        registry.counter(CHUNKS, DATABASE, database, HOW, how).increment((double) chunks);
        registry.counter(CHUNK_BYTES, DATABASE, database, HOW, how).increment((double) bytes);
    }

    private void time(String database, Milestone reached, Duration time) {
        registry.timer(STAGE, DATABASE, database, "until", reached.name().toLowerCase(Locale.ROOT))
                .record(time);
    }

    private void gauge(String name, String database, ToDoubleFunction<Known> value, String description) {
        Gauge.builder(name, known, all -> value.applyAsDouble(all.get(database)))
                .tag(DATABASE, database)
                .description(description)
                .register(registry);
    }
}
