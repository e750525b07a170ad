package caravan.app;

import caravan.app.routing.WatchDesk;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.Publications;
import caravan.publish.PublishedDatabase;
import caravan.snapshot.DatabaseName;
import caravan.watch.DatabaseSight;
import caravan.watch.DatabaseWatch;
import caravan.watch.Triggers;
import caravan.watch.WatchRules;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What decides in a daemon when a database is published, and the routes that are made of the templates for each. */
final class WatchBeans {

    private static final Logger LOG = LoggerFactory.getLogger(WatchBeans.class);

    private final Settings settings;

    private final List<PublishedDatabase> databases;

    private final Triggers triggers;

    private final Map<DatabaseName, DatabaseWatch> watches = new LinkedHashMap<>();

    /** Makes the beans; nothing is looked at. */
    WatchBeans(
            Settings settings,
            List<PublishedDatabase> databases,
            Publications publications,
            Path stateDirectory,
            Clock clock) {
        this.settings = settings;
        this.databases = databases;
        this.triggers = new Triggers(stateDirectory.resolve("trigger"));
        for (PublishedDatabase database : databases) {
            watches.put(
                    database.name(),
                    new DatabaseWatch(
                            sightOf(database, clock),
                            rulesOf(database),
                            () -> publications.lastPublished(database.name()),
                            clock));
        }
    }

    void bindTo(Main main) {
        main.bind("watchDesk", new WatchDesk(watches, triggers));
    }

    /** Makes the directory for triggers, and puts back those whose publication never ended. */
    void prepare() throws CaravanException {
        triggers.prepare(watches.keySet());
    }

    /**
     * Makes the routes that watch each database, by the templates in {@code 10-watch.camel.yaml}: one for its schedule,
     * one for its trigger file, and, if its quiet is waited for, one that looks at it and one for each of its files
     * {@code CURRENT}.
     */
    void addRoutesTo(CamelContext camel) throws Exception {
        for (PublishedDatabase database : databases) {
            String name = database.name().value();
            String schedule = settings.text("caravan.database." + name + ".schedule");
            if (!schedule.isEmpty()) {
                template(camel, "watch-database", "watch-" + name, name)
                        .parameter("schedule", schedule)
                        .add();
            }
            template(camel, "watch-trigger", "trigger-" + name, name)
                    .parameter("directory", triggers.directory().toString())
                    .add();
            if (rulesOf(database).waitsForQuiet()) {
                addLooks(camel, database);
            }
        }
    }

    private void addLooks(CamelContext camel, PublishedDatabase database) throws Exception {
        String name = database.name().value();
        template(camel, "watch-quiet", "quiet-" + name, name)
                .parameter("period", Long.toString(rulesOf(database).lookEvery().toMillis()))
                .add();
        int number = 0;
        for (Path directory : sightOf(database, Clock.systemUTC()).directoriesWithCurrent()) {
            number++;
            template(camel, "watch-files", "files-" + name + "-" + number, name)
                    .parameter("directory", directory.toString())
                    .add();
        }
        if (number == 0) {
            LOG.info("{}: there is no file CURRENT to watch; it is looked at all the same", name);
        }
    }

    private static TemplatedRouteBuilder template(CamelContext camel, String template, String route, String database) {
        return TemplatedRouteBuilder.builder(camel, template).routeId(route).parameter("database", database);
    }

    private static DatabaseSight sightOf(PublishedDatabase database, Clock clock) {
        return new DatabaseSight(database.root(), database.stores(), clock);
    }

    private WatchRules rulesOf(PublishedDatabase database) {
        String keys = "caravan.database." + database.name() + ".";
        return new WatchRules(
                settings.duration(keys + "quiet"),
                settings.duration(keys + "min-interval"),
                settings.flag(keys + "publish-unchanged"));
    }
}
