package caravan.app;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.locals3.LocalS3;
import caravan.publish.Publication;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.FetchOutcome;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.samplenode.SampleDatabaseCheck;
import caravan.samplenode.SampleDatabaseState;
import caravan.samplenode.SampleNodeProcess;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Publish and restore a real database on this machine: a sample node that writes a RocksDB, and a local S3.",
            "Publishes twice while the node goes on, restores the copy, opens it and checks every column."
        })
final class DemoCommand implements Callable<Integer> {

    private static final DatabaseName DATABASE = new DatabaseName("demo");

    private static final String BUCKET = "snapshots";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "where everything goes; default: a new one in /tmp")
    private Path directory;

    @Option(
            names = "--initial-bytes",
            paramLabel = "SIZE",
            defaultValue = "256MB",
            description = "size of the database; default ${DEFAULT-VALUE}")
    private String initialBytes;

    @Option(names = "--once", description = "end after the check; otherwise keep serving the copy until stopped")
    private boolean once;

    @Override
    public Integer call() throws CaravanException, IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path base = directory == null
                ? Files.createTempDirectory("caravan-demo-")
                : Files.createDirectories(directory.toAbsolutePath());
        String secret = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
        SigningKey key = keyIn(base);
        say(out, "Everything is in %s", base);
        say(out, "Filling a sample node's database with %s …", initialBytes);
        try (LocalS3 bucket = LocalS3.start(base.resolve("bucket"), BUCKET, "demo", secret);
                SampleNodeProcess node =
                        SampleNodeProcess.start(base.resolve("node"), "--initial-bytes", initialBytes)) {
            URI publicUrl = bucket.publicUrl();
            say(
                    out,
                    "The node answers at %s and writes %s",
                    node.rpcUrl(),
                    node.base().databaseRoot());
            publishTwice(out, settings(base, secret, bucket, node));
            restore(out, base, key, publicUrl);
            say(out, "");
            say(out, "To restore it yourself:");
            say(out, "  caravan fetch %s/%s DIR --key %s.pub", publicUrl, DATABASE, base.resolve("signing-key"));
            if (!once) {
                say(out, "It is served until you press Ctrl-C.");
                new CountDownLatch(1).await();
            }
        }
        return 0;
    }

    private void publishTwice(PrintWriter out, Settings settings) throws CaravanException {
        Installation installation = Installation.ofThisProcess();
        try (PipelineBeans beans = new PipelineBeans(installation, settings);
                Pipeline pipeline = Pipeline.load(installation, settings, beans, beans.probe(), false)) {
            pipeline.begin();
            say(out, "");
            say(out, "%-10s %-28s %8s %12s %12s %8s", "", "snapshot", "seconds", "bytes sent", "reused", "pause");
            for (String turn : new String[] {"first", "second"}) {
                Instant begin = Instant.now();
                pipeline.publish(DATABASE);
                Publication done = pipeline.lastPublication();
                say(
                        out,
                        "%-10s %-28s %8s %,12d %,12d %5d ms",
                        turn,
                        done.snapshot(),
                        secondsSince(begin),
                        done.report().bytesSent(),
                        done.report().bytesReused(),
                        done.pauseMillis());
            }
        }
    }

    private static void restore(PrintWriter out, Path base, SigningKey key, URI publicUrl)
            throws CaravanException, InterruptedException {
        Path restored = base.resolve("restored-" + System.currentTimeMillis());
        ClientSettings client = ClientSettings.of(TrustedKeys.of(key.publicKey()), base.resolve("client-state"));
        Instant begin = Instant.now();
        FetchOutcome outcome = new Fetch(client, Clock.systemUTC(), new Progress(), found -> {})
                .run(SnapshotLocation.parse(publicUrl + "/" + DATABASE), restored, Expectations.NONE);
        say(
                out,
                "%-10s %-28s %8s %,12d bytes, every one verified",
                "restored",
                outcome.record().snapshot(),
                secondsSince(begin),
                outcome.bytesFetched());
        say(out, "");
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(SampleDatabaseCheck.OpenMode.READ_ONLY)) {
            for (String store : new String[] {"db/full", "db/full/parachains/db"}) {
                SampleDatabaseState state = check.check(restored.resolve(store));
                say(out, "RocksDB opens %s: block %,d, %,d keys, all right", store, state.head(), state.keys());
                if (store.equals("db/full") && state.head() < outcome.record().height()) {
                    throw new DamagedException(
                            "the restored database is at block " + state.head() + ", its record says at least "
                                    + outcome.record().height(),
                            "this is a fault of the program; please report it");
                }
            }
        }
    }

    private static SigningKey keyIn(Path base) throws CaravanException {
        Path file = base.resolve("signing-key");
        if (Files.exists(file)) {
            return SigningKey.load(file);
        }
        SigningKey key = SigningKey.generate();
        key.write(file);
        return key;
    }

    /** The demo has settings of its own; nothing that is set for a real node takes part. */
    private static Settings settings(Path base, String secret, LocalS3 bucket, SampleNodeProcess node)
            throws CaravanException {
        Map<String, String> environment = new HashMap<>();
        environment.put("CARAVAN_DATABASES", DATABASE.value());
        environment.put(
                "CARAVAN_DATABASE_DEMO_DIRECTORY", node.base().databaseRoot().toString());
        environment.put("CARAVAN_DATABASE_DEMO_RPC_URL", node.rpcUrl().toString());
        environment.put("CARAVAN_DATABASE_DEMO_MIN_PEERS", "0");
        environment.put("CARAVAN_S3_ENDPOINT", bucket.endpoint().toString());
        environment.put("CARAVAN_S3_BUCKET", BUCKET);
        environment.put("CARAVAN_S3_ACCESS_KEY", "demo");
        environment.put("CARAVAN_S3_SECRET_KEY", secret);
        environment.put("CARAVAN_PUBLIC_URL", bucket.publicUrl().toString());
        environment.put("CARAVAN_SIGNING_KEY", base.resolve("signing-key").toString());
        environment.put("CARAVAN_STATE_DIRECTORY", base.resolve("state").toString());
        return new SettingsLoader(environment, new Properties()).load();
    }

    private static String secondsSince(Instant begin) {
        return String.format(
                Locale.ROOT, "%.1f", Duration.between(begin, Instant.now()).toMillis() / 1000.0);
    }

    private static void say(PrintWriter out, String line, Object... values) {
        out.printf(Locale.ROOT, line + "%n", values);
        out.flush();
    }
}
