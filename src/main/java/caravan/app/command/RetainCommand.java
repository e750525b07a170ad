package caravan.app.command;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.RetentionBeans;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan retain}. */
@Command(
        name = "retain",
        mixinStandardHelpOptions = true,
        description = {
            "Says what the bucket holds that nobody is promised any more; with --confirm, deletes it.",
            "Snapshots go when their promise is over and they are none of the last; chunks that no kept snapshot needs go a"
                    + " grace later, by the next call.",
            "Needs the right to list and to delete, which publishers do not have: run it with other keys (deploy/).",
            "Exit status 75 if a publication was under way, so that no chunk was deleted; 4 if a pin names no snapshot.",
        })
public final class RetainCommand implements Callable<Integer> {

    private static final int TRY_AGAIN = 75;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--confirm",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TOKEN",
            description = "Do it. The token is asked for, and told, where much would go.")
    private String token;

    @Option(names = "--json", description = "one JSON object on standard output, for machines")
    private boolean json;

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        Installation installation = Installation.ofThisProcess();
        Settings settings = installation.settings();
        try (RetentionBeans beans = new RetentionBeans(installation, settings)) {
            return token == null ? plan(beans) : collect(beans, installation, settings);
        }
    }

    private int plan(RetentionBeans beans) throws CaravanException {
        RetentionReport report = beans.plan();
        if (json) {
            print(RetentionText.planned(report));
        } else {
            print(RetentionWords.planned(report));
        }
        report.requireClearPins();
        return 0;
    }

    private int collect(RetentionBeans beans, Installation installation, Settings settings)
            throws CaravanException, InterruptedException {
        StopSignals.install(beans::stop);
        EndedCollection ended = beans.collect(token);
        Caches caches = Caches.after(ended, installation, settings);
        if (json) {
            print(RetentionText.ended(ended, caches));
        } else {
            print(RetentionWords.ended(ended, caches));
        }
        return ended.report().postponedFor().isEmpty() ? 0 : TRY_AGAIN;
    }

    private void print(String lines) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(lines);
        out.flush();
    }
}
