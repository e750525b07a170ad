package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import caravan.restore.Progress;
import caravan.restore.Repair;
import caravan.restore.RepairOutcome;
import caravan.restore.SnapshotLocation;
import caravan.restore.target.Space;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code caravan repair URL DIR}. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description = {
            "Hashes all of a restored directory and fetches only what is damaged. Changes nothing if nothing is.",
            "It mends the snapshot that URL names, or else the one that DIR was restored from, never a newer one."
        })
public final class RepairCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "URL", description = "<base>/<database> or <base>/<database>/<snapshot>")
    private String url;

    @Parameters(index = "1", paramLabel = "DIR", description = "root of the restored database; its node is stopped")
    private Path directory;

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
    public RepairCommand(SettingLookup setting) {
        this.setting = requireNonNull(setting, "setting");
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        SnapshotLocation location = SnapshotLocation.parse(url);
        long begin = System.nanoTime();
        Progress progress = new Progress();
        Report report = options.report();
        RepairOutcome outcome = options.show(progress, printer -> new Repair(
                        options.settings(setting), Clock.systemUTC(), progress, found -> report.found(found, printer))
                .run(location, directory, owner.ownership()));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        for (String fault : outcome.faults()) {
            report.fault(false, fault);
        }
        long more = outcome.faultCount() - outcome.faults().size();
        report.result("repaired", summary(outcome, more, took), facts(outcome, took));
        return 0;
    }

    private static String summary(RepairOutcome outcome, long more, Duration took) {
        String what = outcome.directory() + " is " + Words.of(outcome.record()) + ": ";
        String size = Words.count(outcome.record().totals().files(), "file", "files") + ", "
                + Space.shown(outcome.record().totals().bytes()) + " verified";
        if (!outcome.changed()) {
            return what + size + ", nothing was damaged, nothing changed, " + Words.seconds(took);
        }
        String moved = outcome.replaced().isEmpty()
                ? ""
                : "; what the snapshot does not have is in "
                        + outcome.replaced().get(0);
        return (more > 0 ? "and " + more + " more\n" : "") + what + size + ", "
                + Words.count(outcome.faultCount(), "fault", "faults") + " mended, fetched "
                + Space.shown(outcome.bytesFetched()) + ", " + Words.seconds(took) + moved;
    }

    private static Map<String, Object> facts(RepairOutcome outcome, Duration took) {
        return Map.of(
                "directory", outcome.directory().toString(),
                "database", outcome.record().database().value(),
                "snapshot", outcome.record().snapshot().toString(),
                "changed", outcome.changed(),
                "faults", outcome.faultCount(),
                "files", outcome.record().totals().files(),
                "bytes", outcome.record().totals().bytes(),
                "bytesFetched", outcome.bytesFetched(),
                "milliseconds", took.toMillis(),
                "replaced", outcome.replaced().toString());
    }
}
