package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.app.warming.LaterLooks;
import caravan.app.warming.ReportedAlready;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmFetch;
import caravan.app.warming.WarmJobs;
import caravan.app.warming.WarmSetup;
import caravan.app.warming.WarmUps;
import caravan.aws.NamedQueues;
import caravan.failure.WrongUsageException;
import caravan.store.ObjectStore;
import caravan.warm.Region;
import caravan.warm.Vantage;
import caravan.warm.WarmListener;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;

/** The beans of warming, and the routes that are made of its templates: two for each region. */
final class WarmBeans implements AutoCloseable {

    private static final String TAKE_RESULTS = "take-results";

    private final List<Region> regions;

    private final Map<String, VantageClient> clients;

    private final Map<String, ExecutorService> threads = new LinkedHashMap<>();

    private final WarmUps warmUps;

    private final WarmFetch fetch;

    private final WarmJobs jobs;

    private final LaterLooks looks;

    private final QueueSettings queues;

    private final Optional<NamedQueues> sqs;

    private final WorkerBeans worker;

    /**
     * Makes the beans; nothing is connected to.
     *
     * @param publicUrl that edges serve
     * @param store for reports
     * @param state directory
     * @param prices list that is used if the settings name no other
     */
    WarmBeans(Settings settings, URI publicUrl, ObjectStore store, Path state, Path prices, WarmListener listener)
            throws WrongUsageException {
        WarmSettings warm = new WarmSettings(settings);
        regions = warm.regions();
        clients = warm.clients(fetchedHere());
        for (Region region : fetchedHere()) {
            threads.put(region.name(), SplitterThreads.of("warm-" + region.name(), warm.parallelism()));
        }
        WarmSetup setup = new WarmSetup(
                regions,
                clients,
                warm.rules(),
                settings.text("caravan.warm.scope").equals("full"),
                settings.duration("caravan.warm.hold"),
                warm.prices(prices),
                state.resolve("warm"));
        looks = new LaterLooks(
                settings.durations("caravan.warm.looks"),
                setup,
                publicUrl,
                state.resolve("warm").resolve("looks"),
                Clock.systemUTC());
        warmUps = new WarmUps(setup, publicUrl, store, looks, listener, Clock.systemUTC(), new SecureRandom());
        fetch = new WarmFetch(warm.bodyCheck());
        jobs = new WarmJobs(
                Math.max(1, settings.count("caravan.warm.queue.job-size")),
                settings.duration("caravan.warm.queue.patience"),
                Clock.systemUTC());
        queues = new QueueSettings(settings);
        sqs = queues.client();
        worker = new WorkerBeans(settings, publicUrl, state);
    }

    /** Makes the beans known to routes. */
    void bindTo(Main main) {
        main.bind("warmUps", warmUps);
        main.bind("warmFetch", fetch);
        main.bind("warmJobs", jobs);
        main.bind("laterLooks", looks);
        main.bind("reportedAlready", new ReportedAlready());
        sqs.ifPresent(client -> main.bind("sqs", client));
        worker.bindTo(main);
        clients.forEach((region, client) -> main.bind("warmClient-" + region, client));
        threads.forEach((region, pool) -> main.bind("warmThreads-" + region, pool));
    }

    /** Makes the routes of every region. */
    void addRoutes(CamelContext camel) throws Exception {
        for (Region region : fetchedHere()) {
            for (String template : List.of("fetch-through-region", "warm-region")) {
                TemplatedRouteBuilder.builder(camel, template)
                        .routeId(template.replace("region", region.name()))
                        .parameter("region", region.name())
                        .add();
            }
        }
        Set<String> handedOut = new TreeSet<>();
        for (Region region : regions) {
            if (region.vantage() instanceof Vantage.Queue queue) {
                handedOut.add(queue.name());
                TemplatedRouteBuilder.builder(camel, "warm-region-by-workers")
                        .routeId("warm-" + region.name())
                        .parameter("region", region.name())
                        .parameter("queue", queue.name())
                        .add();
            }
        }
        String kind = queues.isSqs() ? "-over-sqs" : "-in-memory";
        for (String queue : handedOut) {
            for (String template : List.of("hand-out" + kind, TAKE_RESULTS + kind)) {
                TemplatedRouteBuilder.builder(camel, template)
                        .routeId(template + "-" + queue)
                        .parameter("queue", queue)
                        .add();
            }
        }
        Set<String> worked = new TreeSet<>(queues.worked());
        if (!queues.isSqs()) {
            // Nobody else can.
            worked.addAll(handedOut);
        }
        worker.addRoutes(camel, worked);
    }

    /** Whether {@code route} waits for what workers answer to this process, and so belongs to every warm-up. */
    static boolean takesResults(String route) {
        return route.startsWith(TAKE_RESULTS);
    }

    private List<Region> fetchedHere() {
        return regions.stream()
                .filter(region -> !(region.vantage() instanceof Vantage.Queue))
                .toList();
    }

    WarmUps warmUps() {
        return warmUps;
    }

    /** Ends all warm-ups and all work for others soon, for good. */
    void stop() {
        sqs.ifPresent(NamedQueues::stopTaking);
        warmUps.stop();
        clients.values().forEach(VantageClient::close);
        worker.stop();
    }

    @Override
    public void close() {
        warmUps.stop();
        clients.values().forEach(VantageClient::close);
        worker.close();
        sqs.ifPresent(NamedQueues::close);
        threads.values().forEach(ExecutorService::shutdownNow);
    }
}
