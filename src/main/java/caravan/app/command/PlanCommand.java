package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.WarmSettings;
import caravan.app.settings.SettingLookup;
import caravan.app.settings.Settings;
import caravan.app.warming.WarmPrices;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import caravan.price.PriceList;
import caravan.restore.Plan;
import caravan.restore.PlannedFetch;
import caravan.restore.Progress;
import caravan.restore.PublishedChunks;
import caravan.restore.SnapshotLocation;
import caravan.restore.target.Space;
import caravan.warm.Region;
import caravan.warm.WarmPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Option(
            names = "--warm",
            description = {
                "What it costs to warm it in the regions of caravan.warm.regions, before that is done, by list prices: its",
                "new chunks through each of them, or all with caravan.warm.scope=full. A publication of which as much is new",
                "costs the same."
            })
    private boolean warm;

    @Mixin
    private ClientOptions options;

    private final SettingLookup setting;

    private final Installation installation;

    /**
     * A command for one use.
     *
     * @param setting value of a setting by its key; empty if it is not set
     */
    public PlanCommand(SettingLookup setting) {
        this(setting, Installation.ofThisProcess());
    }

    PlanCommand(SettingLookup setting, Installation installation) {
        this.setting = requireNonNull(setting, "setting");
        this.installation = requireNonNull(installation, "installation");
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
        Optional<WarmCostText> warming = warm ? Optional.of(warming(location)) : Optional.empty();
        Map<String, Object> facts = facts(planned);
        String text = new PlanText(planned).toString();
        Path prices = prices();
        if (compare || Files.exists(prices)) {
            CostText cost = new CostText(PriceList.read(prices), planned);
            facts.putAll(cost.facts(compare ? syncs : 0));
            text += "\n" + cost.once() + (compare ? "\n\n" + cost.compare(syncs) : "");
        }
        if (warming.isPresent()) {
            facts.putAll(warming.get().facts());
            text += "\n" + warming.get();
        }
        report.result("planned", text, facts);
        if (directory != null) {
            Space.require(planned.room().bytes(), planned.room().bytesFree(), directory);
        }
        return 0;
    }

    private WarmCostText warming(SnapshotLocation location) throws CaravanException, InterruptedException {
        Settings settings = installation.settings();
        WarmSettings rules = new WarmSettings(settings);
        List<Region> regions = rules.regions();
        if (regions.isEmpty()) {
            throw new WrongUsageException(
                    "--warm: caravan.warm.regions names no region",
                    "set it as the publisher has it; --warm counts nothing else");
        }
        WarmPrices counted = rules.prices(prices());
        PriceList list = PriceList.read(prices());
        try (WarmPlan chunks =
                ChunksToWarm.none(installation.stateDirectory(settings).resolve("warm"))) {
            new ChunksToWarm(new PublishedChunks(options.settings(setting), Clock.systemUTC()))
                    .list(location, settings.text("caravan.warm.scope").equals("full"), chunks);
            return new WarmCostText(
                    chunks.size(),
                    chunks.bytes(),
                    Math.min(rules.rules().sample(), chunks.size()),
                    settings.durations("caravan.warm.looks").size(),
                    regions,
                    counted.provider().isEmpty() ? list.providers() : counted.provider(),
                    list.date(),
                    counted.budget());
        } catch (IOException e) {
            throw new FailedException(
                    "write the list of chunks to warm: " + e, "the state directory must be writable and have space", e);
        }
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
