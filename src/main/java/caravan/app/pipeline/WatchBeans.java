package caravan.app.pipeline;

import caravan.alert.Alerts;
import caravan.app.routing.LatestDesk;
import caravan.app.routing.WatchDesk;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.PointerRenewal;
import caravan.publish.Publications;
import caravan.publish.PublishedDatabase;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.watch.DatabaseSight;
import caravan.watch.DatabaseWatch;
import caravan.watch.StrayTriggers;
import caravan.watch.Triggers;
import caravan.watch.WatchRules;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What decides in a daemon when a database is published, and the routes that are made of the templates for each. */
final class WatchBeans {

    private static final Logger LOG = LoggerFactory.getLogger(WatchBeans.class);

    private static final int LOOKS_IN_A_LIFE = 20;

    private static final Duration LEAST_OFTEN = Duration.ofMinutes(10);

    private static final Duration MOST_OFTEN = Duration.ofMillis(500);

    private final Settings settings;

    private final List<PublishedDatabase> databases;

    private final Triggers triggers;

    private final StrayTriggers strays;

    private final Map<DatabaseName, DatabaseWatch> watches = new LinkedHashMap<>();

    private final LatestDesk latest;

    /** Makes the beans; nothing is looked at. */
    WatchBeans(
            Settings settings,
            List<PublishedDatabase> databases,
            Publications publications,
            PointerRenewal renewal,
            Consumer<Pointer> listener,
            Alerts alerts,
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
        this.strays = new StrayTriggers(triggers, watches.keySet());
        Map<DatabaseName, Duration> maxAges = new LinkedHashMap<>();
        watches.keySet().forEach(name -> maxAges.put(name, settings.duration("caravan.database." + name + ".max-age")));
        this.latest = new LatestDesk(renewal, maxAges, listener, alerts, clock);
    }

    void bindTo(Main main) {
        main.bind("watchDesk", new WatchDesk(watches, triggers, strays));
        main.bind("latestDesk", latest);
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
            template(camel, "watch-latest", "latest-" + name, name)
                    .parameter("period", Long.toString(latestEvery().toMillis()))
                    .add();
            if (rulesOf(database).waitsForQuiet()) {
                addLooks(camel, database);
            }
        }
    }

    /** Often enough not to miss the half of a pointer's life by much, and seldom enough to cost nothing. */
    private Duration latestEvery() {
        Duration part = settings.duration("caravan.pointer.lifetime").dividedBy(LOOKS_IN_A_LIFE);
        return part.compareTo(LEAST_OFTEN) > 0 ? LEAST_OFTEN : part.compareTo(MOST_OFTEN) < 0 ? MOST_OFTEN : part;
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
