package caravan.app;

import caravan.app.routing.RouteContract;
import caravan.app.routing.RouteFiles;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.Publication;
import caravan.publish.PublishedDatabase;
import caravan.snapshot.DatabaseName;
import caravan.store.StoreAbilities;
import java.io.IOException;
import java.util.Properties;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;

/** The loaded routes with their beans. Nothing is consumed or sent before {@link #begin}. */
final class Pipeline implements AutoCloseable {

    private final Main main;

    private final PipelineBeans beans;

    private Pipeline(Main main, PipelineBeans beans) {
        this.main = main;
        this.beans = beans;
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
                schedule(main, settings, beans);
            }
            new RouteContract((ModelCamelContext) main.getCamelContext())
                    .require(beans.databases().stream()
                            .map(PublishedDatabase::root)
                            .toList());
            return new Pipeline(main, beans);
        } catch (Exception e) {
            main.stop();
            throw files.explain(e);
        }
    }

    /** Starts the routes. */
    void begin() throws CaravanException {
        try {
            main.getCamelContext().getRouteController().startAllRoutes();
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

    /** What the last publication did. */
    Publication lastPublication() {
        return beans.desk().current().orElseThrow();
    }

    /** Stops the routes; whoever made the beans closes them. */
    @Override
    public void close() {
        main.stop();
    }

    private static void schedule(Main main, Settings settings, PipelineBeans beans) throws Exception {
        for (PublishedDatabase database : beans.databases()) {
            String schedule = settings.text("caravan.database." + database.name() + ".schedule");
            if (!schedule.isEmpty()) {
                TemplatedRouteBuilder.builder(main.getCamelContext(), "watch-database")
                        .routeId("watch-" + database.name())
                        .parameter("database", database.name().value())
                        .parameter("schedule", schedule)
                        .add();
            }
        }
    }
}
