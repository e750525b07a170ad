package caravan.app.operating;

import caravan.app.routing.PublicationListener;
import caravan.app.warming.JobListener;
import caravan.drill.DrillReport;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.publish.PublishedDatabase;
import caravan.retain.EndedCollection;
import caravan.snapshot.DatabaseName;
import caravan.store.Brake;
import caravan.warm.WarmListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;

/**
 * The port of a daemon or worker on which Prometheus reads its numbers and supervisors ask for its health: {@code
 * /observe/metrics}, {@code /observe/health}, {@code /observe/health/live} and {@code /observe/health/ready}. Only this
 * machine reaches it, whatever else is configured, since nobody is asked who they are there.
 */
public final class Operating implements AutoCloseable {

    /** Camel's own default is every interface. */
    public static final String HOST = "127.0.0.1";

    private final int port;

    private final List<DatabaseName> databases;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private final Function<Throwable, CaravanException> words;

    private final Main main = new Main();

    private final List<PublicationListener> listeners = new ArrayList<>();

    private final List<HealthOf> checks = new ArrayList<>();

    /**
     * Health and metrics of the publisher of {@code databases}.
     *
     * @param freeSpaceFloor bytes that must be free where the stages are
     * @param words finds out what kind of failure one is
     */
    public Operating(
            int port,
            List<PublishedDatabase> databases,
            Brake brake,
            long freeSpaceFloor,
            Function<Throwable, CaravanException> words) {
        this(port, databases.stream().map(PublishedDatabase::name).toList(), words);
        LastOutcomes outcomes = new LastOutcomes();
        listeners.add(new PublicationMeters(registry, this.databases, brake, words));
        listeners.add(outcomes);
        watch("store", () -> brake.isInTrouble() ? Optional.of("the last call to the store failed") : Optional.empty());
        watch("publications", outcomes::fault);
        for (PublishedDatabase database : databases) {
            watch("stage-" + database.name(), () -> stageFault(database.stage(), freeSpaceFloor));
        }
    }

    private Operating(int port, List<DatabaseName> databases, Function<Throwable, CaravanException> words) {
        this.port = port;
        this.databases = databases;
        this.words = words;
    }

    /** Health and metrics of a process that publishes nothing. */
    public static Operating ofAWorker(int port, Function<Throwable, CaravanException> words) {
        return new Operating(port, List.of(), words);
    }

    /**
     * Is not ready while {@code fault} says something.
     *
     * @param fault what is wrong now, in a few words without secrets; nothing if all is well. It must not wait for
     *     anything
     */
    public void watch(String name, Supplier<Optional<String>> fault) {
        checks.add(new HealthOf(name, fault));
    }

    /** What must hear of every publication. */
    public List<PublicationListener> listeners() {
        return List.copyOf(listeners);
    }

    /** What must hear of warming in {@code regions}, and of looks so long after it. */
    public WarmListener warming(Collection<String> regions, Collection<Duration> looks) {
        return new WarmMeters(registry, regions, looks);
    }

    /** What must hear of the jobs of a worker. */
    public JobListener jobs() {
        return new JobMeters(registry);
    }

    /** What must hear of drills. */
    public Consumer<DrillReport> drills() {
        return new DrillMeters(registry, databases);
    }

    /** What must hear of collections. */
    public Consumer<EndedCollection> collections() {
        return new RetentionMeters(registry, Clock.systemUTC());
    }

    /**
     * Shows how many alerts wait for {@code channel}, and is not ready while one does.
     *
     * @param count of them; NaN if it cannot be found out
     */
    public void watchAlerts(String channel, DoubleSupplier count) {
        Gauge.builder("caravan.alerts.waiting", count, DoubleSupplier::getAsDouble)
                .tag("channel", channel)
                .description("Alerts that could not be delivered yet")
                .register(registry);
        watch("alerts-" + channel, () -> {
            double waiting = count.getAsDouble();
            return waiting == 0 ? Optional.empty() : Optional.of((long) waiting + " alerts wait to be delivered");
        });
    }

    /**
     * Opens the port, in a Camel of its own: that of the routes is replaced when somebody edits them.
     *
     * @throws WrongUsageException if it is taken
     */
    public void open() throws CaravanException {
        requireFree();
        // Settings come from one place; what stands in the environment for some other Camel is not ours.
        main.setPropertyPlaceholderLocations("false");
        main.configure()
                .withRoutesIncludePattern("false")
                .withAutoConfigurationLogSummary(false)
                .withAutoConfigurationEnvironmentVariablesEnabled(false)
                .withAutoConfigurationSystemPropertiesEnabled(false);
        main.configure().health().withEnabled(true);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        main.bind("metricsRegistry", registry);
        main.configure()
                .httpManagementServer()
                .withEnabled(true)
                .withHost(HOST)
                .withPort(port)
                .withPath("/")
                .withHealthCheckEnabled(true)
                .withMetricsEnabled(true);
        // Events of exchanges carry addresses as labels, and those of routes say nothing that ours do not.
        main.configure().metrics().withEnabled(true);
        main.addInitialProperty("camel.metrics.enableExchangeEventNotifier", "false");
        main.addInitialProperty("camel.metrics.enableRouteEventNotifier", "false");
        main.addInitialProperty("camel.metrics.enableRoutePolicy", "false");
        main.addInitialProperty("camel.metrics.enableMessageHistory", "false");
        // Its own way with signals waits at the end of the process for somebody who stops it in Camel's way.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        try {
            main.start();
        } catch (Exception e) {
            main.stop();
            throw words.apply(e);
        }
        addHealthTo(main.getCamelContext());
    }

    /** Closes the port. */
    @Override
    public void close() {
        main.stop();
    }

    private void addHealthTo(CamelContext camel) {
        HealthCheckRegistry registered = HealthCheckRegistry.get(camel);
        checks.forEach(registered::register);
    }

    private static Optional<String> stageFault(Path stage, long freeSpaceFloor) {
        try {
            Path parent = stage.toAbsolutePath().getParent();
            FileStore files = Files.getFileStore(parent);
            long free = files.getUsableSpace();
            return free >= freeSpaceFloor
                    ? Optional.empty()
                    : Optional.of("only " + free + " bytes are free, less than caravan.stage.free-space-floor");
        } catch (IOException e) {
            return Optional.of("the file system of the stage cannot be looked at");
        }
    }

    private void requireFree() throws WrongUsageException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException | IllegalArgumentException e) {
            throw new WrongUsageException(
                    "cannot listen on " + HOST + " port " + port + " for health and metrics: " + e.getMessage(),
                    "another daemon may run; set caravan.http.port to a free port, or to 0 for none",
                    e);
        }
    }
}
