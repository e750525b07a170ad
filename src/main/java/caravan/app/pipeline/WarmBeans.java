package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.app.warming.ReportedAlready;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmFetch;
import caravan.app.warming.WarmSetup;
import caravan.app.warming.WarmUps;
import caravan.failure.WrongUsageException;
import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import caravan.store.ObjectStore;
import caravan.warm.BodyCheck;
import caravan.warm.Region;
import caravan.warm.Vantage;
import caravan.warm.WarmListener;
import caravan.warm.WarmRules;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;

/** The beans of warming, and the routes that are made of its templates: two for each region. */
final class WarmBeans implements AutoCloseable {

    private final List<Region> regions;

    private final Map<String, VantageClient> clients = new LinkedHashMap<>();

    private final Map<String, ExecutorService> threads = new LinkedHashMap<>();

    private final WarmUps warmUps;

    private final WarmFetch fetch;

    /**
     * Makes the beans; nothing is connected to.
     *
     * @param publicUrl that edges serve
     * @param store for reports
     * @param state directory
     */
    WarmBeans(Settings settings, URI publicUrl, ObjectStore store, Path state, WarmListener listener)
            throws WrongUsageException {
        regions = regions(settings);
        int parallelism = Math.max(1, settings.count("caravan.warm.parallelism"));
        List<Path> authorities = settings.path("caravan.ca-file").map(List::of).orElse(List.of());
        for (Region region : regions) {
            clients.put(
                    region.name(),
                    new VantageClient(
                            region.vantage(),
                            parallelism,
                            settings.duration("caravan.warm.connect-timeout"),
                            settings.duration("caravan.warm.idle-timeout"),
                            authorities));
            threads.put(region.name(), SplitterThreads.of("warm-" + region.name(), parallelism));
        }
        WarmSetup setup = new WarmSetup(
                regions,
                clients,
                rules(settings),
                settings.text("caravan.warm.scope").equals("full"),
                settings.duration("caravan.warm.hold"),
                state.resolve("warm"));
        warmUps = new WarmUps(setup, publicUrl, store, listener, Clock.systemUTC(), new SecureRandom());
        long rate = settings.rate("caravan.warm.max-rate");
        fetch = new WarmFetch(new BodyCheck(rate == 0 ? RateLimit.unlimited() : RateLimit.of(rate, Waiting.REAL)));
    }

    /** Makes the beans known to routes. */
    void bindTo(Main main) {
        main.bind("warmUps", warmUps);
        main.bind("warmFetch", fetch);
        main.bind("reportedAlready", new ReportedAlready());
        clients.forEach((region, client) -> main.bind("warmClient-" + region, client));
        threads.forEach((region, pool) -> main.bind("warmThreads-" + region, pool));
    }

    /** Makes the routes of every region. */
    void addRoutes(CamelContext camel) throws Exception {
        for (Region region : regions) {
            for (String template : List.of("fetch-through-region", "warm-region")) {
                TemplatedRouteBuilder.builder(camel, template)
                        .routeId(template.replace("region", region.name()))
                        .parameter("region", region.name())
                        .add();
            }
        }
    }

    WarmUps warmUps() {
        return warmUps;
    }

    @Override
    public void close() {
        warmUps.stop();
        threads.values().forEach(ExecutorService::shutdownNow);
    }

    private static List<Region> regions(Settings settings) throws WrongUsageException {
        List<Region> regions = new ArrayList<>();
        for (String name : settings.names("caravan.warm.regions")) {
            if (regions.stream().anyMatch(region -> region.name().equals(name))) {
                throw settings.wrong("caravan.warm.regions", name + " stands there twice");
            }
            String via = "caravan.warm.region." + name + ".via";
            String text = settings.required(via);
            try {
                regions.add(new Region(name, Vantage.parse(text)));
            } catch (IllegalArgumentException e) {
                throw settings.wrong(via, e.getMessage());
            }
        }
        return regions;
    }

    private static WarmRules rules(Settings settings) {
        return new WarmRules(
                Math.max(1, settings.count("caravan.warm.attempts")),
                settings.count("caravan.warm.sample"),
                settings.duration("caravan.warm.deadline"),
                Math.max(1, settings.count("caravan.warm.give-up-after")),
                settings.duration("caravan.retry.delay"),
                settings.duration("caravan.retry.max-delay"));
    }
}
