package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.WrongUsageException;
import caravan.restore.ClientSettings;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.restore.Verification;
import caravan.restore.VerifyOutcome;
import caravan.restore.target.Space;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caravan verify URL|DIR}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a restored directory against the snapshot it was fetched from, without a network,",
            "or everything that is published of a snapshot. Changes nothing."
        })
public final class VerifyCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "URL|DIR", description = "what to check")
    private String what;

    @Option(
            names = "--against",
            paramLabel = "URL",
            description = "Check DIR against this snapshot instead of the one it was fetched from.")
    private String against = "";

    @Option(names = "--quick", description = "Of published chunks, check that they are there, not their bytes.")
    private boolean quick;

    @Mixin
    private ClientOptions options;

    private final SettingLookup setting;

    /**
     * A command for one use.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    public VerifyCommand(SettingLookup setting) {
        this.setting = requireNonNull(setting, "setting");
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        boolean published = what.contains("://") || (!Files.isDirectory(Path.of(what)) && against.isEmpty());
        Progress progress = new Progress();
        Report report = options.report();
        VerifyOutcome outcome = options.show(progress, printer -> check(published, progress));
        String snapshot = Words.of(outcome.header().snapshot(), outcome.header().database());
        if (outcome.faultCount() > 0) {
            outcome.faults().forEach(fault -> report.fault(published, fault));
            long more = outcome.faultCount() - outcome.faults().size();
            DamagedException damaged = new DamagedException(
                    what + " is not " + snapshot + ": " + outcome.faultCount()
                            + (outcome.faultCount() == 1 ? " fault, " : " faults, ")
                            + (more > 0
                                    ? "the first " + outcome.faults().size() + " of them listed above"
                                    : "listed above"),
                    published
                            ? "tell the publisher; an older snapshot may be whole"
                            : "caravan repair URL " + what + " fetches only what is damaged");
            report.failed(damaged);
            throw damaged;
        }
        report.result(
                "verified",
                what + " is " + snapshot + ": " + outcome.totals().files() + " files, "
                        + Space.shown(outcome.totals().bytes())
                        + (published && quick ? ", signatures and sizes are right" : ", every byte is right"),
                Map.of(
                        "what", what,
                        "database", outcome.header().database().value(),
                        "snapshot", outcome.header().snapshot().toString(),
                        "files", outcome.totals().files(),
                        "bytes", outcome.totals().bytes()));
        return 0;
    }

    private VerifyOutcome check(boolean published, Progress progress) throws CaravanException, InterruptedException {
        if (published) {
            if (!what.contains(":") && !Files.exists(Path.of(what))) {
                throw new WrongUsageException(
                        "there is no directory " + what,
                        "name a restored directory, or what is published by its URL <base>/<database>");
            }
            if (!against.isEmpty()) {
                throw new WrongUsageException("--against goes with a directory", "verify DIR --against URL");
            }
            if (options.namesSources()) {
                throw new WrongUsageException(
                        "--source does not go with the URL that is to be judged", "verify each by its own URL");
            }
            return verification(options.settings(setting), progress).published(SnapshotLocation.parse(what), quick);
        }
        if (against.isEmpty()) {
            return verification(options.settingsWithoutKeys(setting), progress).directory(Path.of(what));
        }
        return verification(options.settings(setting), progress)
                .directory(Path.of(what), SnapshotLocation.parse(against));
    }

    private static Verification verification(ClientSettings settings, Progress progress) {
        return new Verification(settings, Clock.systemUTC(), progress);
    }
}
