package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.pipeline.Installation;
import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.price.PriceList;
import caravan.restore.Plan;
import caravan.restore.PlannedFetch;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.restore.target.Space;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caravan plan URL [DIR]}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Says what fetch would do: bytes to move, files, room, time. Writes nothing.",
            "Given DIR, it compares what is there, by the size of files, or byte by byte with --rehash.",
            "Exit status 4 if fetch would refuse DIR or its disk is too small."
        })
public final class PlanCommand implements Callable<Integer> {

    private static final int LONGEST_PROBE = 600;

    @Parameters(index = "0", paramLabel = "URL", description = "<base>/<database> or <base>/<database>/<snapshot>")
    private String url;

    @Parameters(index = "1", arity = "0..1", paramLabel = "DIR", description = "where it would be restored")
    private Path directory;

    @Option(names = "--rehash", description = "Hash every byte that is there, instead of comparing sizes.")
    private boolean rehash;

    @Option(
            names = "--probe",
            paramLabel = "SECONDS",
            description = "Measure this long what the sources deliver; 0: not at all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "3")
    private int probe;

    @Option(names = "--compare", description = "What it costs a month to serve it from each provider, by list prices.")
    private boolean compare;

    @Option(
            names = "--syncs",
            paramLabel = "N",
            description = "For --compare: so many users fetch all of it in a month. Default: ${DEFAULT-VALUE}.",
            defaultValue = "100")
    private long syncs;

    @Mixin
    private ClientOptions options;

    private final SettingLookup setting;

    /**
     * A command for one use.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    public PlanCommand(SettingLookup setting) {
        this.setting = requireNonNull(setting, "setting");
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        if (probe < 0 || probe > LONGEST_PROBE) {
            throw new WrongUsageException("--probe " + probe + " is of no use", "give 0 to " + LONGEST_PROBE);
        }
        if (rehash && directory == null) {
            throw new WrongUsageException("--rehash goes with a directory", "plan URL DIR --rehash");
        }
        if (syncs < 1) {
            throw new WrongUsageException(
                    "--syncs " + syncs + " is of no use", "give how many users there are a month");
        }
        SnapshotLocation location = SnapshotLocation.parse(url);
        Progress progress = new Progress();
        Report report = options.report();
        PlannedFetch planned = options.show(progress, printer -> {
            Plan plan = new Plan(
                    options.settings(setting),
                    Clock.systemUTC(),
                    progress,
                    Duration.ofSeconds(probe),
                    found -> report.found(found, printer));
            return directory == null ? plan.anywhere(location) : plan.into(location, directory, rehash);
        });
        Map<String, Object> facts = facts(planned);
        String text = new PlanText(planned).toString();
        Path prices = prices();
        if (compare || Files.exists(prices)) {
            CostText cost = new CostText(PriceList.read(prices), planned);
            facts.putAll(cost.facts(compare ? syncs : 0));
            text += "\n" + cost.once() + (compare ? "\n\n" + cost.compare(syncs) : "");
        }
        report.result("planned", text, facts);
        if (directory != null) {
            Space.require(planned.room().bytes(), planned.room().bytesFree(), directory);
        }
        return 0;
    }

    private Path prices() throws CaravanException {
        String named = setting.text("caravan.prices");
        return named.isEmpty() ? Installation.ofThisProcess().prices() : Path.of(named);
    }

    private static Map<String, Object> facts(PlannedFetch planned) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("database", planned.record().database().value());
        facts.put("snapshot", planned.record().snapshot().toString());
        facts.put("bytes", planned.record().totals().bytes());
        facts.put("files", planned.record().totals().files());
        facts.put("byHash", planned.byHash());
        facts.put("bytesToFetch", planned.bytesToFetch());
        facts.put("chunksToFetch", planned.chunksToFetch());
        facts.put("bytesKept", planned.bytesKept());
        facts.put("filesNew", planned.filesNew());
        facts.put("filesChanged", planned.filesChanged());
        facts.put("filesKept", planned.filesKept());
        facts.put("filesAside", planned.filesAside());
        facts.put("bytesNeeded", planned.room().bytes());
        facts.put("inodesNeeded", planned.room().inodes());
        facts.put("bytesFree", planned.room().bytesFree());
        facts.put("probeBytes", planned.probe().bytes());
        facts.put("probeMilliseconds", Duration.ofNanos(planned.probe().nanos()).toMillis());
        facts.put("probeFailure", planned.probe().failure());
        facts.put("bytesPerSecond", (long) planned.probe().rate());
        facts.put("seconds", Math.round(planned.seconds()));
        return facts;
    }
}
