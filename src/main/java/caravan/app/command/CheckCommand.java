package caravan.app.command;

import caravan.app.pipeline.HeardNode;
import caravan.app.pipeline.Installation;
import caravan.app.pipeline.Pipeline;
import caravan.app.pipeline.PipelineBeans;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.publish.PublishedDatabase;
import caravan.publish.RefusedSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.store.StoreAbilities;
import caravan.store.StoreProbe;
import caravan.watch.NodeFacts;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Check settings, routes, keys, the state directory and the bucket, and change nothing.")
public final class CheckCommand implements Callable<Integer> {

    private static final StoreAbilities ASSUMED = new StoreAbilities(true, true, true, true);

    private static final int LAST_REFUSED = 3;

    @Spec
    private CommandSpec spec;

    @Option(names = "--offline", description = "do not ask the bucket and the nodes")
    private boolean offline;

    @Override
    public Integer call() throws CaravanException {
        PrintWriter out = spec.commandLine().getOut();
        Installation installation = Installation.ofThisProcess();
        Settings settings = installation.settings();
        out.println("settings  ok");
        try (PipelineBeans beans = new PipelineBeans(installation, settings)) {
            out.println("keys      ok");
            beans.requireState();
            out.println("state     ok");
            Pipeline.load(
                            installation,
                            settings,
                            beans,
                            ASSUMED,
                            true,
                            fault -> out.println("routes    WRONG  " + fault.line()))
                    .close();
            out.println("routes    ok");
            out.println("alerts    ok  " + beans.alertChannels());
            if (!offline) {
                StoreProbe.look(beans.store());
                out.println("bucket    ok  can be read; the right to write is not tried");
            }
            for (PublishedDatabase database : beans.databases()) {
                NodeFacts node = offline ? NodeFacts.UNKNOWN : hear(out, beans, database);
                listRefused(out, beans, database.name());
                for (String store : beans.publications().check(database.name(), node)) {
                    out.println("database  ok  " + database.name() + ": " + store);
                }
            }
        }
        out.flush();
        return 0;
    }

    /** A node may be down or behind for a moment, and nothing that is set is wrong then. */
    private static NodeFacts hear(PrintWriter out, PipelineBeans beans, PublishedDatabase database) {
        HeardNode heard = beans.hearNode(database);
        if (!heard.fault().isEmpty()) {
            out.println("node      WARN  " + database.name() + ": " + heard.fault());
        }
        return heard.facts();
    }

    private static void listRefused(PrintWriter out, PipelineBeans beans, DatabaseName database)
            throws CaravanException {
        List<RefusedSnapshot> refused = beans.refusals().of(database);
        for (RefusedSnapshot each : refused.subList(Math.max(0, refused.size() - LAST_REFUSED), refused.size())) {
            out.println("refused       " + database + ": " + each.snapshot() + " at " + each.at() + ": " + each.why());
        }
    }
}
