package caravan.app.pipeline;

import caravan.alert.Alerts;
import caravan.app.routing.DrillDesk;
import caravan.app.routing.DrillPlan;
import caravan.app.settings.Settings;
import caravan.catalog.CatalogKeeping;
import caravan.drill.CanaryCommand;
import caravan.drill.Drill;
import caravan.drill.DrillReport;
import caravan.drill.DrillRules;
import caravan.drill.engine.EngineLimits;
import caravan.drill.engine.EngineReadings;
import caravan.drill.engine.EngineSession;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.pace.IoPriority;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.publish.PublishedDatabase;
import caravan.publish.Refusals;
import caravan.publish.SnapshotProof;
import caravan.publish.TableProof;
import caravan.publish.TableReader;
import caravan.restore.ClientSettings;
import caravan.signature.TrustedKeys;
import caravan.snapshot.DatabaseName;
import caravan.store.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;

/**
 * The beans of drills and of checks by the engine itself, and the routes that are made of their template: one for each
 * database that has a schedule.
 */
final class DrillBeans {

    private static final int THREADS = 2;

    private final Map<DatabaseName, DrillPlan> plans = new LinkedHashMap<>();

    private final TableProof tables;

    private final Drill drill;

    private final Refusals refusals;

    private final DrillDesk desk;

    /**
     * Makes the beans; nothing is restored, and nothing is written.
     *
     * @param publicUrl where users restore from
     * @param trusted keys that they are told to trust
     * @param state directory
     * @param readRate of what reads captures
     * @param priority of what reads captures
     */
    DrillBeans(
            Settings settings,
            List<PublishedDatabase> databases,
            URI publicUrl,
            TrustedKeys trusted,
            Path state,
            SnapshotProof proof,
            ObjectStore bucket,
            CatalogKeeping catalog,
            Alerts alerts,
            RateLimit readRate,
            IoPriority priority,
            StoppableWaiting waiting,
            Clock clock)
            throws CaravanException {
        for (PublishedDatabase database : databases) {
            plans.put(database.name(), planOf(settings, database.name()));
        }
        DrillRules rules = new DrillRules(
                settings.path("caravan.drill.directory").orElseGet(() -> state.resolve("drill")),
                settings.flag("caravan.drill.keep-copy"),
                settings.size("caravan.stage.free-space-floor"),
                settings.flag("caravan.drill.checksums"));
        if (plans.values().stream().anyMatch(DrillPlan::isAny)) {
            requireApart(rules.directory(), databases);
        }
        EngineLimits limits = new EngineLimits(
                settings.size("caravan.drill.memory"), settings.duration("caravan.drill.deadline"), THREADS);
        EngineReadings engines = new EngineReadings(state.resolve("engine"), limits, priority);
        tables = new TableProof(settings.flag("caravan.read.check-tables"), () -> readerOf(engines), THREADS, readRate);
        drill = new Drill(rules, publicUrl, client(settings, trusted, state, waiting), engines, bucket, clock);
        refusals = new Refusals(state, clock);
        desk = new DrillDesk(plans, drill, proof, refusals, catalog, alerts, waiting, clock);
    }

    Refusals refusals() {
        return refusals;
    }

    void bindTo(Main main) {
        main.bind("tableProof", tables);
        main.bind("drillDesk", desk);
    }

    /** Removes what a killed program left of its drills. */
    void prepare() {
        for (Map.Entry<DatabaseName, DrillPlan> plan : plans.entrySet()) {
            if (plan.getValue().isAny()) {
                drill.sweep(plan.getKey());
            }
        }
    }

    /** Makes the routes that drill each database on its schedule, by the template in {@code 45-drill.camel.yaml}. */
    void addRoutesTo(CamelContext camel) throws Exception {
        for (Map.Entry<DatabaseName, DrillPlan> plan : plans.entrySet()) {
            if (!plan.getValue().schedule().isEmpty()) {
                TemplatedRouteBuilder.builder(camel, "watch-drill")
                        .routeId("drill-" + plan.getKey())
                        .parameter("database", plan.getKey().value())
                        .parameter("schedule", plan.getValue().schedule())
                        .add();
            }
        }
    }

    /** Lets {@code listener} hear what came of each drill from now on. */
    void tell(Consumer<DrillReport> listener) {
        desk.tell(listener);
    }

    void stop() {
        tables.stop();
        desk.stop();
    }

    private static TableReader readerOf(EngineReadings engines) throws CaravanException {
        EngineSession session = engines.begin();
        return new TableReader() {
            @Override
            public void check(Path table) throws CaravanException, InterruptedException {
                session.checkTable(table);
            }

            @Override
            public void close() {
                session.close();
            }
        };
    }

    private static DrillPlan planOf(Settings settings, DatabaseName name) throws WrongUsageException {
        String keys = "caravan.database." + name + ".";
        String canary = settings.text(keys + "canary");
        DrillPlan plan = new DrillPlan(
                settings.text(keys + "drill").equals("gate"),
                settings.text(keys + "drill-schedule"),
                canary.isBlank()
                        ? List.of()
                        : List.of(new CanaryCommand(canary, settings.duration(keys + "canary-timeout"))));
        if (!plan.canary().isEmpty() && !plan.isAny()) {
            throw settings.wrong(
                    keys + "canary",
                    "there is no drill that would run it; set " + keys + "drill=gate, or " + keys + "drill-schedule");
        }
        return plan;
    }

    /** A drill writes and removes files. */
    private static void requireApart(Path directory, List<PublishedDatabase> databases) throws RefusedException {
        for (PublishedDatabase database : databases) {
            for (Path owned : List.of(database.root(), database.stage())) {
                if (really(directory).startsWith(really(owned))) {
                    throw new RefusedException(
                            "caravan.drill.directory is " + directory + ", which lies in " + owned + " of "
                                    + database.name(),
                            "choose a directory of its own");
                }
            }
        }
    }

    /** The path without the links that are in it, as far as it exists. */
    private static Path really(Path path) {
        Path absolute = path.toAbsolutePath();
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            Path parent = absolute.getParent();
            return parent == null ? absolute : really(parent).resolve(absolute.getFileName());
        }
    }

    private static ClientSettings client(Settings settings, TrustedKeys trusted, Path state, StoppableWaiting waiting) {
        long rate = settings.rate("caravan.drill.max-rate");
        return ClientSettings.of(trusted, state.resolve("drill-client"))
                .withAuthorities(settings.path("caravan.ca-file").map(List::of).orElse(List.of()))
                .withRate(rate == 0 ? RateLimit.unlimited() : RateLimit.of(rate, waiting));
    }
}
