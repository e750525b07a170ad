package caravan.app.pipeline;

import caravan.app.reload.RouteSet;
import caravan.app.routing.EndpointUri;
import caravan.app.routing.RouteContract;
import caravan.app.routing.RouteFault;
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
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.component.seda.SedaEndpoint;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loaded routes with their beans. Nothing is consumed or sent before {@link #begin}. */
public final class Pipeline implements RouteSet {

    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    /** Kinds of endpoint from which a route is called by others. */
    private static final Set<String> CALLED = Set.of("direct", "seda");

    /** How long a route that is to pause may take to end what it has just begun. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final Main main;

    private final PipelineBeans beans;

    private final boolean scheduled;

    private final RouteStarts starts;

    private volatile boolean begun;

    private Pipeline(Main main, PipelineBeans beans, boolean scheduled) {
        this.main = main;
        this.beans = beans;
        this.scheduled = scheduled;
        this.starts = RouteStarts.in(main.getCamelContext());
    }

    /**
     * Loads the routes of {@code installation} and checks them completely.
     *
     * @param abilities of the store
     * @param scheduled whether databases with a schedule are to be published on it; otherwise only {@link #publish}
     *     does that
     */
    public static Pipeline load(
            Installation installation,
            Settings settings,
            PipelineBeans beans,
            StoreAbilities abilities,
            boolean scheduled)
            throws CaravanException {
        return load(installation, settings, beans, abilities, scheduled, fault -> {});
    }

    /** The same, after {@code listener} has heard of everything that is wrong with the routes. */
    public static Pipeline load(
            Installation installation,
            Settings settings,
            PipelineBeans beans,
            StoreAbilities abilities,
            boolean scheduled,
            Consumer<RouteFault> listener)
            throws CaravanException {
        RouteFiles files = new RouteFiles(installation.routes());
        files.requireSome();
        Main main = LoadedRoutes.from(files.pattern(), settings);
        beans.bindTo(main, abilities, scheduled);
        try {
            main.start();
            beans.warming().addRoutes(main.getCamelContext());
            if (scheduled) {
                beans.watching().addRoutesTo(main.getCamelContext());
                beans.drills().addRoutesTo(main.getCamelContext());
                beans.collections().addRouteTo(main.getCamelContext());
            }
            new RouteContract((ModelCamelContext) main.getCamelContext())
                    .require(
                            beans.databases().stream()
                                    .map(PublishedDatabase::root)
                                    .toList(),
                            listener);
            return new Pipeline(main, beans, scheduled);
        } catch (Exception e) {
            CaravanException told = files.explain(e, main.getCamelContext());
            main.stop();
            throw told;
        }
    }

    /** Starts the routes; without a schedule only those that are called, and none that would begin by itself. */
    @Override
    public void begin() throws CaravanException {
        CamelContext camel = main.getCamelContext();
        begun = true;
        try {
            if (scheduled) {
                camel.getRouteController().startAllRoutes();
                return;
            }
            for (Route route : camel.getRoutes()) {
                if (isCalled(route) || WarmBeans.takesResults(route.getId())) {
                    camel.getRouteController().startRoute(route.getId());
                }
            }
        } catch (Exception e) {
            throw beans.words().of(e);
        }
    }

    @Override
    public void makeUpFor(Instant since) {
        MissedTimes.makeUpFor(main.getCamelContext(), since, starts::of);
    }

    @Override
    public boolean pause() {
        CamelContext camel = main.getCamelContext();
        boolean idle = isIdle();
        for (Route route : camel.getRoutes()) {
            if (idle && !isCalled(route)) {
                idle = stopped(route);
            }
        }
        // What began in the last moment, and what it handed on, goes on.
        if (idle && isIdle()) {
            return true;
        }
        try {
            resume();
        } catch (CaravanException e) {
            LOG.error("{}", e.getMessage());
        }
        return false;
    }

    @Override
    public void resume() throws CaravanException {
        CamelContext camel = main.getCamelContext();
        for (Route route : camel.getRoutes()) {
            try {
                camel.getRouteController().startRoute(route.getId());
            } catch (Exception e) {
                throw beans.words().of(e);
            }
        }
    }

    /** Publishes {@code database} now; returns when it is published. */
    public void publish(DatabaseName database) throws CaravanException {
        Optional<Publication> before = beans.desk().current();
        Exchange exchange;
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            exchange = template.request(
                    "direct:publish-database", request -> request.getMessage().setBody(database.value()));
        } catch (IOException e) {
            throw beans.words().of(e);
        }
        if (exchange.getException() != null) {
            throw beans.words()
                    .of(exchange.getException(), exchange.getProperty(Exchange.FAILURE_ROUTE_ID, "", String.class));
        }
        beans.desk()
                .current()
                .filter(last -> !before.equals(Optional.of(last)))
                .orElseThrow(() -> Publication.neverVisible(database.value()))
                .requireVisible();
    }

    /** Sends the alerts that wait, each channel once, and returns after a few seconds at most. The rest waits on. */
    public void deliverAlerts() {
        beans.alerts().deliverBy(main.getCamelContext());
    }

    /** Begins to warm every region; returns at once. */
    public void warm(WarmRun run) throws CaravanException {
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            template.sendBody("direct:warm-regions", run);
        } catch (IOException | CamelExecutionException e) {
            throw beans.words().of(e);
        }
    }

    /** The publication that is under way; nothing before the first. */
    public Optional<Publication> currentPublication() {
        return beans.desk().current();
    }

    /** What the routes are loaded into. */
    public CamelContext camel() {
        return main.getCamelContext();
    }

    /** What the last publication did. */
    public Publication lastPublication() {
        return beans.desk().current().orElseThrow();
    }

    /**
     * Ends what is under way, because the program was told to stop: nothing is begun or tried again, chunks under way
     * are finished or dropped. Returns at once.
     */
    public void stop() {
        beans.stop();
    }

    /** Cleans up after publications that did not end in time. */
    public void abandon() {
        beans.desk().abandon();
    }

    /**
     * Stops the routes; whoever made the beans closes them. The beans of a daemon may serve the routes that come next.
     */
    @Override
    public void close() {
        if (begun && !scheduled) {
            beans.warming().stop();
        }
        main.stop();
    }

    /** Whether no exchange is under way, and none is queued. */
    private boolean isIdle() {
        CamelContext camel = main.getCamelContext();
        return camel.getInflightRepository().size() == 0
                && camel.getEndpoints().stream()
                        .noneMatch(
                                endpoint -> endpoint instanceof SedaEndpoint queue && queue.getCurrentQueueSize() > 0);
    }

    static boolean isCalled(Route route) {
        return CALLED.contains(EndpointUri.schemeOf(route.getEndpoint().getEndpointUri()));
    }

    /** Stops a route, unless something is under way in it. */
    private boolean stopped(Route route) {
        try {
            return main.getCamelContext()
                    .getRouteController()
                    .stopRoute(route.getId(), LONGEST_PAUSE.toMillis(), TimeUnit.MILLISECONDS, true);
        } catch (Exception e) {
            LOG.debug("route {} cannot be stopped now", route.getId(), e);
            return false;
        }
    }
}
