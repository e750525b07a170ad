package caravan.app;

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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan publish}. */
@Command(
        name = "publish",
        mixinStandardHelpOptions = true,
        description = "Publish one snapshot of each DATABASE now, then exit. Without a name: of every configured one.")
final class PublishCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DATABASE", arity = "0..*", description = "names, as in caravan.databases")
    private List<String> names = new ArrayList<>();

    @Override
    public Integer call() throws CaravanException {
        Installation installation = Installation.ofThisProcess();
        Settings settings = installation.settings();
        List<DatabaseName> chosen = chosen(settings);
        try (PipelineBeans beans = new PipelineBeans(installation, settings)) {
            StoreAbilities abilities = beans.probe();
            try (Pipeline pipeline = Pipeline.load(installation, settings, beans, abilities, false)) {
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

    private void publish(Pipeline pipeline, DatabaseName database) throws CaravanException {
        Instant begin = Instant.now();
        pipeline.publish(database);
        Publication publication = pipeline.lastPublication();
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "published %s %s: %,d bytes, %d chunks sent (%,d bytes), %d reused, %.1f s%n",
                database,
                publication.snapshot(),
                publication.report().bytesSent() + publication.report().bytesReused(),
                publication.report().chunksSent(),
                publication.report().bytesSent(),
                publication.report().chunksReused(),
                Duration.between(begin, Instant.now()).toMillis() / 1000.0);
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
