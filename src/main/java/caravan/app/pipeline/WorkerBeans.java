package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.app.warming.JobListener;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmWorker;
import caravan.failure.WrongUsageException;
import caravan.warm.Region;
import caravan.warm.Vantage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;

/** The beans of a warm-up worker, and the routes that are made of its templates: a few for each queue. */
final class WorkerBeans implements AutoCloseable {

    private final boolean sqs;

    private final long visibilitySeconds;

    private final VantageClient client;

    private final ExecutorService threads;

    private final WarmWorker worker;

    /**
     * Makes the beans; nothing is connected to.
     *
     * @param publicUrl from which it fetches, and from nowhere else
     * @param state directory
     */
    WorkerBeans(Settings settings, URI publicUrl, Path state) throws WrongUsageException {
        QueueSettings queues = new QueueSettings(settings);
        WarmSettings warm = new WarmSettings(settings);
        sqs = queues.isSqs();
        visibilitySeconds = queues.visibilitySeconds();
        Region region = new Region(WarmWorker.REGION, vantage(settings));
        client = warm.clients(List.of(region)).get(WarmWorker.REGION);
        threads = SplitterThreads.of("warm-worker", warm.parallelism());
        worker = new WarmWorker(
                publicUrl,
                region,
                client,
                warm.rules(),
                state.resolve("warm"),
                Math.max(1, settings.count("caravan.warm.worker.max-deliveries")),
                Clock.systemUTC());
    }

    void bindTo(Main main) {
        main.bind("warmWorker", worker);
        main.bind("warmClient-" + WarmWorker.REGION, client);
        main.bind("warmThreads-" + WarmWorker.REGION, threads);
    }

    /** Makes the routes that work on {@code queues}. */
    void addRoutes(CamelContext camel, Collection<String> queues) throws Exception {
        if (queues.isEmpty()) {
            return;
        }
        TemplatedRouteBuilder.builder(camel, "fetch-through-region")
                .routeId("fetch-through-" + WarmWorker.REGION)
                .parameter("region", WarmWorker.REGION)
                .add();
        String kind = sqs ? "-over-sqs" : "-in-memory";
        for (String queue : queues) {
            // What is called first, so that nothing is taken before it can be done.
            for (String template : List.of("send-result" + kind, "bury-job" + kind, "do-job", "take-jobs" + kind)) {
                add(camel, template, Map.of("queue", queue, "visibility", Long.toString(visibilitySeconds)));
            }
        }
    }

    /** Lets {@code listener} hear what becomes of jobs from now on. */
    void tell(JobListener listener) {
        worker.tell(listener);
    }

    /** Ends what is under way; queues give it to others. */
    void stop() {
        worker.stop();
    }

    @Override
    public void close() {
        worker.stop();
        threads.shutdownNow();
    }

    private static void add(CamelContext camel, String template, Map<String, String> parameters) throws Exception {
        TemplatedRouteBuilder builder =
                TemplatedRouteBuilder.builder(camel, template).routeId(template + "-" + parameters.get("queue"));
        parameters.forEach((name, value) -> {
            if (!name.equals("visibility") || template.startsWith("take-jobs-over")) {
                builder.parameter(name, value);
            }
        });
        builder.add();
    }

    private static Vantage vantage(Settings settings) throws WrongUsageException {
        try {
            Vantage vantage = Vantage.parse(settings.text("caravan.warm.worker.via"));
            if (vantage instanceof Vantage.Queue) {
                throw new IllegalArgumentException("a worker does its work itself");
            }
            return vantage;
        } catch (IllegalArgumentException e) {
            throw settings.wrong("caravan.warm.worker.via", e.getMessage());
        }
    }
}
