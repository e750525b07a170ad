package caravan.app.command;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.Pipeline;
import caravan.app.pipeline.PipelineBeans;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.publish.Publication;
import caravan.snapshot.DatabaseName;
import caravan.store.StoreAbilities;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan publish}. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = "Publish one snapshot of each DATABASE now, then exit. Without a name: of every configured one.")
public final class PublishCommand implements Callable<Integer> {

    private static final int STOP_SECONDS = 25;

    private static final int TRY_AGAIN = 75;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DATABASE", arity = "0..*", description = "names, as in caravan.databases")
    private List<String> names = new ArrayList<>();

    @Option(names = "--json", description = "one JSON object a line on standard output, for machines")
    private boolean json;

    @Override
    public Integer call() throws CaravanException {
        Installation installation = Installation.ofThisProcess();
        Settings settings = installation.settings();
        List<DatabaseName> chosen = chosen(settings);
        try (PipelineBeans beans = new PipelineBeans(installation, settings)) {
            beans.requireState();
            StoreAbilities abilities = beans.probe();
            try (Pipeline pipeline = Pipeline.load(installation, settings, beans, abilities, false)) {
                StopSignals.install(() -> endInTime(pipeline));
                pipeline.begin();
                try {
                    for (DatabaseName database : chosen) {
                        publish(pipeline, database);
                    }
                } finally {
                    pipeline.deliverAlerts();
                }
            }
        }
        return 0;
    }

    /** The publication ends with a failure then, in its own thread; this one only waits for it, not forever. */
    private static void endInTime(Pipeline pipeline) {
        pipeline.stop();
        try {
            TimeUnit.SECONDS.sleep(STOP_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pipeline.abandon();
        Runtime.getRuntime().halt(TRY_AGAIN);
    }

    private void publish(Pipeline pipeline, DatabaseName database) throws CaravanException {
        Instant begin = Instant.now();
        PublicationProgress.Watcher watcher = json
                ? PublicationProgress.Watcher.MACHINE
                : Terminal.isWatched() ? PublicationProgress.Watcher.PERSON : PublicationProgress.Watcher.LOG;
        PublicationProgress progress =
                PublicationProgress.start(watcher, json ? System.out : System.err, pipeline::currentPublication);
        try {
            pipeline.publish(database);
        } finally {
            progress.close();
        }
        Publication publication = pipeline.lastPublication();
        PrintWriter out = spec.commandLine().getOut();
        double seconds = Duration.between(begin, Instant.now()).toMillis() / 1000.0;
        if (json) {
            out.printf(
                    Locale.ROOT,
                    "{\"event\":\"published\",\"database\":\"%s\",\"snapshot\":\"%s\",\"bytes\":%d,\"chunksSent\":%d,"
                            + "\"bytesSent\":%d,\"chunksReused\":%d,\"pauseMillis\":%d,\"seconds\":%.1f}%n",
                    database,
                    publication.snapshot(),
                    publication.bytes(),
                    publication.report().chunksSent(),
                    publication.report().bytesSent(),
                    publication.report().chunksReused(),
                    publication.pauseMillis(),
                    seconds);
            out.flush();
            return;
        }
        out.printf(
                "published %s %s: %,d bytes, %d chunks sent (%,d bytes), %d reused, %.1f s%n",
                database,
                publication.snapshot(),
                publication.report().bytesSent() + publication.report().bytesReused(),
                publication.report().chunksSent(),
                publication.report().bytesSent(),
                publication.report().chunksReused(),
                seconds);
        out.flush();
    }

    private List<DatabaseName> chosen(Settings settings) throws WrongUsageException {
        List<DatabaseName> known = settings.databases();
        if (known.isEmpty()) {
            throw new WrongUsageException(
                    "caravan.databases is not set: there is nothing to publish",
                    "name the databases in config/application.properties, or in CARAVAN_DATABASES");
        }
        if (names.isEmpty()) {
            return known;
        }
        List<DatabaseName> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(known.stream()
                    .filter(database -> database.value().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new WrongUsageException(
                            "publish " + name + ": no such database is configured",
                            "caravan.databases lists: "
                                    + String.join(
                                            ", ",
                                            known.stream()
                                                    .map(DatabaseName::value)
                                                    .toList()))));
        }
        return chosen;
    }
}
