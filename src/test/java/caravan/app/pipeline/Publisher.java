package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.Publication;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code caravan publish demo} does, in this process: the routes and beans of the program, with settings as an
 * operator gives them. Small chunks, and retries that wait for milliseconds.
 */
public final class Publisher {

    public static final String BUCKET = "snapshots";

    public static final String ACCESS_KEY = "publisher";

    public static final String SECRET_KEY = "publisher-secret";

    private final Map<String, String> environment = new TreeMap<>();

    private final Path state;

    private final SigningKey key;

    private Path home = Path.of("").toAbsolutePath();

    /**
     * A publisher of {@code database}.
     *
     * @param directory for its key and state; empty or missing
     * @param s3 endpoint
     * @param prefix in the bucket
     */
    public Publisher(Path directory, SampleDatabase database, URI s3, String prefix)
            throws IOException, CaravanException {
        Files.createDirectories(directory);
        state = directory.resolve("state");
        key = SigningKey.generate();
        key.write(directory.resolve("signing.key"));
        set("caravan.databases", "demo");
        set("caravan.database.demo.directory", database.root().toString());
        set("caravan.database.demo.chunk-size", "64KiB");
        set("caravan.stage.free-space-floor", "1MB");
        // It takes a process; TableCheckTest is about it.
        set("caravan.read.check-tables", "false");
        set("caravan.s3.endpoint", s3.toString());
        set("caravan.s3.bucket", BUCKET);
        set("caravan.s3.prefix", prefix);
        set("caravan.s3.access-key", ACCESS_KEY);
        set("caravan.s3.secret-key", SECRET_KEY);
        set("caravan.s3.idle-timeout", "30s");
        set("caravan.public-url", "http://cdn.example.org/data");
        set("caravan.retry.delay", "10ms");
        set("caravan.retry.max-delay", "50ms");
        set("caravan.signing.key", directory.resolve("signing.key").toString());
        set("caravan.state-directory", state.toString());
    }

    /** Changes one setting, named as in config/application.properties. */
    public Publisher set(String setting, String value) {
        environment.put(variableOf(setting), value);
        return this;
    }

    /** Leaves one setting as it is for everybody. */
    public Publisher leave(String setting) {
        environment.remove(variableOf(setting));
        return this;
    }

    /** Takes routes and configuration from {@code installed} in place of the checkout. */
    public Publisher from(Path installed) {
        home = installed;
        return this;
    }

    /** The settings as environment of a process. */
    public Map<String, String> environment() {
        return environment;
    }

    /** One publication, and what it did. */
    public Publication publish() throws CaravanException {
        Installation installation = new Installation(home, environment);
        Settings settings = installation.settings();
        try (PipelineBeans beans = new PipelineBeans(installation, settings);
                Pipeline pipeline = Pipeline.load(installation, settings, beans, beans.probe(), false)) {
            pipeline.begin();
            try {
                pipeline.publish(PublishedBucket.DATABASE);
            } finally {
                pipeline.deliverAlerts();
            }
            return pipeline.lastPublication();
        }
    }

    public SigningKey key() {
        return key;
    }

    public TrustedKeys trusted() {
        return TrustedKeys.of(key.publicKey());
    }

    /** Holds what it remembers between runs. */
    public Path state() {
        return state;
    }

    private static String variableOf(String setting) {
        return setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    }
}
