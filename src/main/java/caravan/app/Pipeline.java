package caravan.app;

import caravan.app.routing.RouteContract;
import caravan.app.routing.RouteFiles;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.Publication;
import caravan.publish.PublishedDatabase;
import caravan.snapshot.DatabaseName;
import caravan.store.StoreAbilities;
import caravan.warm.WarmRun;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loaded routes with their beans. Nothing is consumed or sent before {@link #begin}. */
final class Pipeline implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    /** Kinds of endpoint from which a route is called by others. */
    private static final Set<String> CALLED = Set.of("direct", "seda");

    /** How long the end of a program may take to tell people what they do not know yet. */
    private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(10);

    private final Main main;

    private final PipelineBeans beans;

    private final boolean scheduled;

    private Pipeline(Main main, PipelineBeans beans, boolean scheduled) {
        this.main = main;
        this.beans = beans;
        this.scheduled = scheduled;
    }

    /**
     * Loads the routes of {@code installation} and checks them completely.
     *
     * @param abilities of the store
     * @param scheduled whether databases with a schedule are to be published on it; otherwise only {@link #publish}
     *     does that
     */
    static Pipeline load(
            Installation installation,
            Settings settings,
            PipelineBeans beans,
            StoreAbilities abilities,
            boolean scheduled)
            throws CaravanException {
        RouteFiles files = new RouteFiles(installation.routes());
        files.requireSome();
        Main main = new Main();
        Properties properties = new Properties();
        properties.putAll(settings.placeholders());
        main.setInitialProperties(properties);
        main.setPropertyPlaceholderLocations("false");
        main.configure()
                .withRoutesIncludePattern(files.pattern())
                .withAutoConfigurationLogSummary(false)
                .withLogMask(true)
                .withSourceLocationEnabled(true)
                .withAutoStartup(false)
                .withShutdownTimeout(45);
        beans.bindTo(main, abilities, scheduled);
        try {
            main.start();
            beans.warming().addRoutes(main.getCamelContext());
            if (scheduled) {
                beans.watching().addRoutesTo(main.getCamelContext());
            }
            new RouteContract((ModelCamelContext) main.getCamelContext())
                    .require(beans.databases().stream()
                            .map(PublishedDatabase::root)
                            .toList());
            return new Pipeline(main, beans, scheduled);
        } catch (Exception e) {
            main.stop();
            throw files.explain(e);
        }
    }

    /** Starts the routes; without a schedule only those that are called, and none that would begin by itself. */
    void begin() throws CaravanException {
        CamelContext camel = main.getCamelContext();
        try {
            if (scheduled) {
                camel.getRouteController().startAllRoutes();
                return;
            }
            for (Route route : camel.getRoutes()) {
                if (CALLED.contains(RouteContract.schemeOf(route.getEndpoint().getEndpointUri()))) {
                    camel.getRouteController().startRoute(route.getId());
                }
            }
        } catch (Exception e) {
            throw beans.words().of(e);
        }
    }

    /** Publishes {@code database} now; returns when it is published. */
    void publish(DatabaseName database) throws CaravanException {
        Exchange exchange;
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            exchange = template.request(
                    "direct:publish-database", request -> request.getMessage().setBody(database.value()));
        } catch (IOException e) {
            throw beans.words().of(e);
        }
        if (exchange.getException() != null) {
            throw beans.words().of(exchange.getException());
        }
    }

    /** Sends the alerts that wait, each channel once, and returns after a few seconds at most. The rest waits on. */
    void deliverAlerts() {
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            List<CompletableFuture<Exchange>> channels = new ArrayList<>();
            for (String channel : beans.alerts().waitingChannels()) {
                channels.add(template.asyncSend("direct:deliver-" + channel, exchange -> {}));
            }
            CompletableFuture.allOf(channels.toArray(CompletableFuture[]::new))
                    .get(LONGEST_GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (CaravanException | IOException | ExecutionException | TimeoutException e) {
            LOG.warn("alerts wait for the next run: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins to warm every region; returns at once. */
    void warm(WarmRun run) throws CaravanException {
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            template.sendBody("direct:warm-regions", run);
        } catch (IOException | CamelExecutionException e) {
            throw beans.words().of(e);
        }
    }

    /** What the last publication did. */
    Publication lastPublication() {
        return beans.desk().current().orElseThrow();
    }

    /** Stops the routes; whoever made the beans closes them. */
    @Override
    public void close() {
        beans.warming().warmUps().stop();
        main.stop();
    }
}
