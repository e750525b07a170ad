package caravan.app.pipeline;

import caravan.alert.Alerts;
import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.app.warming.EdgeFront;
import caravan.signature.SigningKey;
import caravan.snapshot.SnapshotId;
import caravan.store.StoreAbilities;
import caravan.warm.RegionReport;
import caravan.warm.WarmObject;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRun;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.component.seda.SedaEndpoint;

/** The shipped routes with their beans, given plans of made-up objects as a publication would give them. */
final class WarmBench implements AutoCloseable {

    static final int OBJECT_BYTES = 2000;

    private final Map<String, String> environment = new TreeMap<>();

    private final Path home;

    private PipelineBeans beans;

    private Pipeline pipeline;

    /** Nothing is started yet. */
    WarmBench(Path home, URI s3) throws Exception {
        this.home = Files.createDirectories(home);
        Files.createDirectories(home.resolve("state"));
        SigningKey.generate().write(home.resolve("key"));
        set("caravan.s3.endpoint", s3.toString());
        set("caravan.s3.bucket", Publisher.BUCKET);
        set("caravan.s3.prefix", home.getFileName().toString());
        set("caravan.s3.access-key", Publisher.ACCESS_KEY);
        set("caravan.s3.secret-key", Publisher.SECRET_KEY);
        set("caravan.public-url", "http://cdn.example.org");
        set("caravan.signing.key", home.resolve("key").toString());
        set("caravan.state-directory", home.resolve("state").toString());
        set("caravan.retry.attempts", "1");
        set("caravan.retry.delay", "1ms");
        set("caravan.retry.max-delay", "20ms");
        set("caravan.warm.regions", "");
    }

    WarmBench set(String setting, String value) {
        environment.put(setting.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"), value);
        return this;
    }

    WarmBench leave(String setting) {
        environment.remove(setting.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"));
        return this;
    }

    /** One more region. */
    WarmBench region(String name, String vantage) {
        String before = environment.get("CARAVAN_WARM_REGIONS");
        set("caravan.warm.regions", before.isEmpty() ? name : before + "," + name);
        return set("caravan.warm.region." + name + ".via", vantage);
    }

    /** Prices that make two thousand bytes cost two dollars, and what may be spent. */
    WarmBench dear(String budget) throws Exception {
        Path prices = Files.writeString(
                home.resolve("prices.properties"),
                "date=2025-06-01\ndear.name=Dear\ndear.storage=0\ndear.egress=*:1000000\ndear.requests=0\n");
        return set("caravan.prices", prices.toString())
                .set("caravan.warm.price", "dear")
                .set("caravan.warm.budget", budget);
    }

    /** Replaces the routes by the same ones as a daemon does after an edit. */
    void loadRoutesAnew() throws Exception {
        if (pipeline == null) {
            beans = new PipelineBeans(installation(), settings());
            pipeline = load(true);
            pipeline.begin();
        }
        Pipeline next = load(true);
        next.begin();
        pipeline.close();
        pipeline = next;
    }

    /** Stops the route of {@code region}, and lets nothing wait for it. */
    void refuse(String region) throws Exception {
        CamelContext camel = pipeline.camel();
        camel.getRouteController().stopRoute("warm-" + region);
        camel.getEndpoint("seda:warm-" + region + "?waitForTaskToComplete=Never", SedaEndpoint.class)
                .setFailIfNoConsumers(true);
    }

    /** Ends the program; what is called next begins it again. */
    void end() {
        close();
        pipeline = null;
    }

    /** What people are told. */
    Alerts alerts() {
        return beans.alerts().alerts();
    }

    /** What is kept between two runs of the program. */
    Path state() {
        return home.resolve("state");
    }

    private Pipeline load(boolean daemon) throws Exception {
        return Pipeline.load(installation(), settings(), beans, new StoreAbilities(true, true, true, true), daemon);
    }

    private Settings settings() throws Exception {
        return new SettingsLoader(environment, new Properties()).load();
    }

    private Installation installation() {
        return new Installation(Path.of("").toAbsolutePath(), environment);
    }

    /** Begins to warm {@code count} objects. */
    WarmRun begin(int count) throws Exception {
        if (pipeline == null) {
            beans = new PipelineBeans(installation(), settings());
            pipeline = load(false);
            pipeline.begin();
        }
        WarmPlan plan = WarmPlan.create(home);
        for (int number = 0; number < count; number++) {
            plan.add(EdgeFront.chunk(number, OBJECT_BYTES));
        }
        WarmRun run = beans.warming()
                .warmUps()
                .begin(PublishedBucket.DATABASE, new SnapshotId(Instant.now(), count), plan.complete());
        pipeline.warm(run);
        return run;
    }

    /** Warms {@code count} objects; what came of each region. */
    List<RegionReport> warm(int count) throws Exception {
        WarmRun run = begin(count);
        if (!run.await(Duration.ofMinutes(2))) {
            throw new AssertionError("not finished: " + run.report(Instant.now()));
        }
        return run.report(Instant.now()).regions();
    }

    /** A front that has {@code count} of the objects. */
    static EdgeFront front(String pop, int count) throws Exception {
        EdgeFront front = EdgeFront.start(pop);
        fill(front, count);
        return front;
    }

    static void fill(EdgeFront front, int count) {
        for (int number = 0; number < count; number++) {
            front.with(pathOf(number), EdgeFront.content(number, OBJECT_BYTES));
        }
    }

    static String pathOf(int number) {
        return WarmObject.of(EdgeFront.chunk(number, OBJECT_BYTES)).path();
    }

    @Override
    public void close() {
        if (pipeline != null) {
            pipeline.close();
            beans.close();
        }
    }
}
