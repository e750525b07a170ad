package caravan.app.pipeline;

import caravan.app.routing.CallerGoesOn;
import caravan.app.routing.FailureLog;
import caravan.app.routing.RouteContract;
import caravan.app.routing.RouteFiles;
import caravan.app.routing.Stages;
import caravan.app.settings.Settings;
import caravan.aws.S3Failures;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.pace.StoppableWaiting;
import caravan.retain.EndedCollection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.event.Level;

/**
 * The routes by which caches forget, with alerts and error policies, for a command that publishes nothing: it needs no
 * signing key, no database and no right to write.
 */
public final class EdgeRoutes implements AutoCloseable {

    private static final List<String> FILES = List.of("5*", "80-alert", "90-errors");

    private final Main main;

    private final EdgeBeans edge;

    private final AlertBeans alerts;

    private final FailureWords words;

    private EdgeRoutes(Main main, EdgeBeans edge, AlertBeans alerts, FailureWords words) {
        this.main = main;
        this.edge = edge;
        this.alerts = alerts;
        this.words = words;
    }

    /** Whether there is a CDN. */
    public static boolean areMeant(Settings settings) {
        return !settings.text("caravan.cdn").equals("none");
    }

    /** Loads and starts those that are called; nothing is sent anywhere. */
    public static EdgeRoutes start(Installation installation, Settings settings) throws CaravanException {
        StoppableWaiting waiting = new StoppableWaiting();
        S3Settings place = StoreSettings.of(settings);
        Path state = installation.stateDirectory(settings);
        FailureWords words = new FailureWords(new S3Failures(place), state);
        EdgeBeans edge = new EdgeBeans(
                settings, StoreSettings.publicUrl(settings, place), Clock.systemUTC(), waiting::isStopped);
        AlertBeans alerts = new AlertBeans(settings, state, words::of, waiting::isStopped, Clock.systemUTC());
        RouteFiles files = new RouteFiles(installation.routes());
        Main main = LoadedRoutes.from(
                FILES.stream()
                        .map(name -> "file:" + installation.routes().resolve(name + ".camel.yaml"))
                        .collect(Collectors.joining(",")),
                settings);
        edge.bindTo(main);
        alerts.bindTo(main);
        new PatienceBeans(settings, words, waiting).bindTo(main);
        main.bind(CallerGoesOn.BEAN, new CallerGoesOn());
        main.bind("failureLog", new FailureLog(words::of, Level.DEBUG));
        try {
            main.start();
            new RouteContract((ModelCamelContext) main.getCamelContext(), Stages.OF_A_WORKER).require(List.of());
            for (Route route : main.getCamelContext().getRoutes()) {
                if (Pipeline.isCalled(route)) {
                    main.getCamelContext().getRouteController().startRoute(route.getId());
                }
            }
            return new EdgeRoutes(main, edge, alerts, words);
        } catch (Exception e) {
            CaravanException told = files.explain(e, main.getCamelContext());
            main.stop();
            edge.close();
            throw told;
        }
    }

    /**
     * Lets caches forget what {@code collection} took away, and waits until they have.
     *
     * @throws CaravanException if they could not be told; people hear of it as of any stage that failed
     */
    public void forget(EndedCollection collection) throws CaravanException {
        Exchange exchange;
        try (ProducerTemplate template = main.getCamelContext().createProducerTemplate()) {
            exchange = template.request(
                    "direct:invalidate-retired", request -> request.getMessage().setBody(collection));
        } catch (IOException e) {
            throw words.of(e);
        } finally {
            alerts.deliverBy(main.getCamelContext());
        }
        if (exchange.getException() != null) {
            throw words.of(exchange.getException(), exchange.getProperty(Exchange.FAILURE_ROUTE_ID, "", String.class));
        }
    }

    @Override
    public void close() {
        main.stop();
        edge.close();
    }
}
