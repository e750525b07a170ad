package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.restore.ClientSettings;
import caravan.restore.Destination;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.FetchOutcome;
import caravan.restore.FetchRequest;
import caravan.restore.NodeBase;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.restore.target.Ownership;
import caravan.restore.target.Space;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caravan fetch URL DIR}. */
@Command(
        name = "fetch",
        mixinStandardHelpOptions = true,
        description = {
            "Restores a snapshot into DIR, verifying every byte.",
            "Goes on where it was ended; on a database that is there it fetches only what differs."
        })
public final class FetchCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "URL", description = "<base>/<database> or <base>/<database>/<snapshot>")
    private String url;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DIR",
            description = "Root of the database: new, empty, or holding one that is to be replaced")
    private Path directory;

    @Option(
            names = "--base-path",
            paramLabel = "BASE",
            description = "Instead of DIR: the node's base path. The database goes where the node looks for it,"
                    + " BASE/chains/<id>.")
    private Path basePath;

    @Option(
            names = "--chain",
            paramLabel = "NAME",
            description = "With --base-path: network or chain id, as polkadot or ksmcc3. Default: what the snapshot"
                    + " says.")
    private String chain = "";

    @Option(
            names = "--expect",
            paramLabel = "NAME=VALUE,…",
            description = "Refuse a snapshot that is not so: chain, pruning, genesis, role.")
    private String expected = "";

    @Option(
            names = "--check",
            description = "Hash also files that an earlier fetch wrote and that look untouched since.")
    private boolean everyByte;

    @Mixin
    private OwnerOptions owner;

    @Mixin
    private ClientOptions options;

    private final SettingLookup setting;

    /**
     * A command for one use.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    public FetchCommand(SettingLookup setting) {
        this.setting = requireNonNull(setting, "setting");
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        ClientSettings settings = options.settings(setting);
        SnapshotLocation location = SnapshotLocation.parse(url);
        Expectations expectations = expected.isEmpty() ? Expectations.NONE : Expectations.parse(expected);
        Destination destination = destination();
        Ownership ownership = owner.ownership();
        long begin = System.nanoTime();
        Progress progress = new Progress();
        Report report = options.report();
        FetchOutcome outcome = options.show(progress, printer -> new Fetch(
                        settings, Clock.systemUTC(), progress, found -> report.found(found, printer))
                .run(new FetchRequest(location, destination, ownership, expectations, everyByte)));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        report.result("fetched", summary(outcome, took), facts(outcome, took));
        return 0;
    }

    private Destination destination() throws WrongUsageException {
        if ((directory == null) == (basePath == null)) {
            throw new WrongUsageException(
                    directory == null ? "it is not said where to restore to" : "both DIR and --base-path are given",
                    "fetch URL DIR, or fetch URL --base-path BASE");
        }
        if (basePath != null) {
            return NodeBase.parse(basePath, chain);
        }
        if (!chain.isEmpty()) {
            throw new WrongUsageException(
                    "--chain goes with --base-path", "to ask for a chain write --expect chain=" + chain);
        }
        return Destination.at(directory);
    }

    private static String summary(FetchOutcome outcome, Duration took) {
        String what = Words.of(outcome.record());
        long files = outcome.record().totals().files();
        String size = Space.shown(outcome.record().totals().bytes());
        if (!outcome.changed()) {
            long recognised = outcome.bytesRecognised();
            return outcome.directory() + " already is " + what + ": " + files + " files, " + size
                    + (recognised == 0
                            ? " verified"
                            : ", of which " + Space.shown(recognised) + " look untouched and were not read (--check)")
                    + ", nothing changed, " + Words.seconds(took);
        }
        String moved = outcome.replaced().isEmpty()
                ? ""
                : "; what was in the way is in " + outcome.replaced().get(0);
        return outcome.directory() + " now is " + what + ": " + files + " files, " + size + "; fetched "
                + Space.shown(outcome.bytesFetched()) + ", kept " + Space.shown(outcome.bytesKept()) + ", "
                + Words.seconds(took) + moved;
    }

    private static Map<String, Object> facts(FetchOutcome outcome, Duration took) {
        return Map.ofEntries(
                Map.entry("directory", outcome.directory().toString()),
                Map.entry("database", outcome.record().database().value()),
                Map.entry("snapshot", outcome.record().snapshot().toString()),
                Map.entry("changed", outcome.changed()),
                Map.entry("files", outcome.record().totals().files()),
                Map.entry("bytes", outcome.record().totals().bytes()),
                Map.entry("bytesFetched", outcome.bytesFetched()),
                Map.entry("bytesKept", outcome.bytesKept()),
                Map.entry("bytesRecognised", outcome.bytesRecognised()),
                Map.entry("milliseconds", took.toMillis()),
                Map.entry("replaced", outcome.replaced().toString()));
    }
}
