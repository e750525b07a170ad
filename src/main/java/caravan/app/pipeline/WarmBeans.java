package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.app.warming.ReportedAlready;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmFetch;
import caravan.app.warming.WarmSetup;
import caravan.app.warming.WarmUps;
import caravan.failure.WrongUsageException;
import caravan.store.ObjectStore;
import caravan.warm.Region;
import caravan.warm.WarmListener;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
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

    private final Map<String, VantageClient> clients;

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
        WarmSettings warm = new WarmSettings(settings);
        regions = warm.regions();
        clients = warm.clients(regions);
        for (Region region : regions) {
            threads.put(region.name(), SplitterThreads.of("warm-" + region.name(), warm.parallelism()));
        }
        WarmSetup setup = new WarmSetup(
                regions,
                clients,
                warm.rules(),
                settings.text("caravan.warm.scope").equals("full"),
                settings.duration("caravan.warm.hold"),
                state.resolve("warm"));
        warmUps = new WarmUps(setup, publicUrl, store, listener, Clock.systemUTC(), new SecureRandom());
        fetch = new WarmFetch(warm.bodyCheck());
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
}
