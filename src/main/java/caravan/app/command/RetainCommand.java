package caravan.app.command;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.RetentionBeans;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.retain.RetentionReport;
import caravan.retain.Verdict;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
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
            "Exit status 75 if a publication was under way, so that no chunk was deleted.",
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
            boolean isConfirmed = token != null;
            RetentionReport report = isConfirmed ? beans.collect(token) : beans.plan();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(RetentionText.json(report, isConfirmed));
            } else {
                print(out, report, isConfirmed);
            }
            out.flush();
            return report.postponedFor().isEmpty() ? 0 : TRY_AGAIN;
        }
    }

    private static void print(PrintWriter out, RetentionReport report, boolean isConfirmed) {
        for (Verdict verdict : report.verdicts()) {
            out.printf(
                    Locale.ROOT,
                    "%-6s  %s/%s  %s%s%n",
                    verdict.reason().keeps() ? "keep" : isConfirmed ? "gone" : "goes",
                    verdict.database(),
                    verdict.snapshot(),
                    verdict.reason().words(),
                    verdict.retainUntil()
                            .map(until -> "; promised until " + until)
                            .orElse(""));
        }
        out.println("chunks            " + text(report.chunks()));
        out.println("  nobody needs    " + text(report.unneeded()));
        out.println("  may go now      " + text(report.due()));
        if (isConfirmed) {
            out.println("  deleted         " + text(report.collected()));
        }
        List<String> postponedFor = report.postponedFor();
        if (!postponedFor.isEmpty()) {
            out.println("No chunk was deleted, since a publication is under way or was killed: "
                    + String.join("; ", postponedFor));
            out.println(
                    "HINT: call it again when it has ended; a publisher ends what it left behind when it begins the next one, else that is over"
                            + " after five days");
        }
        if (!isConfirmed) {
            out.println("Nothing was changed. To do it: caravan retain --confirm"
                    + (report.token().isEmpty() ? "" : "=" + report.token()));
        }
    }

    private static String text(RetentionReport.Amount amount) {
        return String.format(Locale.ROOT, "%,d (%,d bytes)", amount.objects(), amount.bytes());
    }
}
