package caravan.app.command;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.WarmSettings;
import caravan.app.settings.Settings;
import caravan.app.warming.PricedRun;
import caravan.app.warming.VantageClient;
import caravan.app.warming.WarmNow;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.pace.Waiting;
import caravan.restore.FoundSnapshot;
import caravan.restore.PublishedChunks;
import caravan.restore.SnapshotLocation;
import caravan.warm.Region;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import caravan.warm.Vantage;
import caravan.warm.WarmFault;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRules;
import caravan.warm.WarmRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caravan warm URL}. */
@Command(
        name = "warm",
        mixinStandardHelpOptions = true,
        description = {
            "Fetches the chunks of a snapshot through every region, and measures what users there meet.",
            "Regions are those of caravan.warm.regions; without one, what this machine itself reaches.",
            "Those of workers (queue:NAME) are left out: workers work for publications.",
            "--parallel is for each region, --limit-rate for all together; else caravan.warm.parallelism and max-rate.",
            "Exit status 75 if a region did not become warm, 3 if an edge served wrong bytes."
        })
public final class WarmCommand implements Callable<Integer> {

    /** A second look at more than this says nothing new. */
    private static final int MOST_LOOKED_AT_AGAIN = 1_000_000;

    @Parameters(index = "0", paramLabel = "URL", description = "<base>/<database> or <base>/<database>/<snapshot>")
    private String url;

    @Option(
            names = "--benchmark",
            description = "Look at every object twice, for a cold and a warm pass that can be compared.")
    private boolean benchmark;

    @Option(names = "--full", description = "Every chunk, and not only those that the snapshot before does not have.")
    private boolean full;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "Only so many of the objects, chosen evenly. Default: all.")
    private long sample = Long.MAX_VALUE;

    @Option(
            names = "--region",
            paramLabel = "NAME[=VIA]",
            description = "Only this region; with VIA, one that is not in the settings. May be repeated.")
    private List<String> regions = new ArrayList<>();

    @Option(
            names = "--chart",
            paramLabel = "FILE",
            description = "Write a chart of it: one picture, SVG, or a page that holds it if FILE ends in .html.")
    private Path chart;

    @Mixin
    private ClientOptions options;

    /** Regions of the settings that this command cannot look at. */
    private List<String> leftToWorkers = List.of();

    private final Installation installation;

    /** For one use, with the settings of this process. */
    public WarmCommand() {
        this(Installation.ofThisProcess());
    }

    WarmCommand(Installation installation) {
        this.installation = installation;
    }

    @Override
    public Integer call() throws CaravanException, InterruptedException {
        if (sample < 1) {
            throw new WrongUsageException(
                    "--sample " + sample + " is of no use", "give the number of objects to fetch");
        }
        Settings settings = installation.settings();
        WarmSettings warming = new WarmSettings(settings, options.parallel(), options.rate());
        SnapshotLocation location = SnapshotLocation.parse(url);
        URI base = publicUrl(location);
        List<Region> chosen = fetchedFromHere(new RegionChoice(warming.regions()).of(regions));
        PublishedChunks published = new PublishedChunks(options.settings(settings::text), Clock.systemUTC());
        Path state = installation.stateDirectory(settings).resolve("warm");
        try (WarmPlan all = ChunksToWarm.none(state);
                WarmPlan some = ChunksToWarm.none(state)) {
            FoundSnapshot found = new ChunksToWarm(published).list(location, full, all);
            all.sample(some, sample, new SecureRandom().nextLong());
            PricedRun cost = warming.prices(installation.prices()).begin();
            RegionsReport report = work(found, base, some.complete(), chosen, warming, cost);
            tell(report, cost);
            require(report);
            return 0;
        } catch (IOException e) {
            throw new FailedException(
                    "write the list of objects to warm: " + e,
                    "the state directory must be writable and have space",
                    e);
        }
    }

    /**
     * Those that nobody else has to fetch for; {@link #leftToWorkers} has the others, unless they were asked for by
     * name.
     */
    private List<Region> fetchedFromHere(List<Region> wanted) throws WrongUsageException {
        List<Region> here = wanted.stream()
                .filter(region -> !(region.vantage() instanceof Vantage.Queue))
                .toList();
        leftToWorkers = wanted.stream()
                .filter(region -> !here.contains(region))
                .map(Region::name)
                .toList();
        if (!leftToWorkers.isEmpty() && (here.isEmpty() || !regions.isEmpty())) {
            throw new WrongUsageException(
                    "region " + leftToWorkers.get(0) + " is warmed by workers, which work for publications alone",
                    "name the others with --region, or run this command in the region");
        }
        return here;
    }

    private RegionsReport work(
            FoundSnapshot found, URI base, WarmPlan plan, List<Region> chosen, WarmSettings warming, PricedRun cost)
            throws CaravanException, InterruptedException {
        WarmRules rules = warming.rules();
        WarmRun run = new WarmRun(
                found.record().database(),
                found.record().snapshot(),
                base,
                plan,
                plan.size() == 0 ? List.of() : chosen,
                benchmark ? rules.withSample(MOST_LOOKED_AT_AGAIN) : rules,
                new SecureRandom().nextLong(),
                Waiting.REAL,
                cost);
        Map<String, VantageClient> clients = warming.clients(chosen);
        WarmProgress progress = WarmProgress.show(run, options.json());
        try {
            new WarmNow(clients, warming.bodyCheck(), warming.parallelism()).work(run);
        } finally {
            progress.close();
            clients.values().forEach(VantageClient::close);
        }
        return run.report(Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS))
                .withCost(cost.cost());
    }

    private void tell(RegionsReport report, PricedRun cost) throws CaravanException {
        if (chart != null) {
            new RegionsChart(report).write(chart);
        }
        if (options.json()) {
            JsonReport json = new JsonReport(System.out);
            report.regions().forEach(region -> json.write("region", RegionsTable.facts(region, report.cost())));
        } else {
            System.out.println(new RegionsTable(report));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("database", report.database().value());
        facts.put("snapshot", report.snapshot().toString());
        facts.put("objects", report.objects());
        facts.put("bytes", report.bytes());
        facts.put("regions", report.regions().size());
        facts.put(
                "inTrouble",
                report.regions().stream().filter(RegionReport::isTrouble).count());
        facts.put("leftToWorkers", String.join(" ", leftToWorkers));
        report.cost().ifPresent(sum -> {
            facts.put("pricesOf", sum.pricesOf().toString());
            facts.put("costMicros", sum.total());
        });
        options.report()
                .result(
                        "warmed",
                        "warmed " + Words.of(report.snapshot(), report.database()) + summary(report) + cost.words()
                                + (leftToWorkers.isEmpty()
                                        ? ""
                                        : "; left to workers: " + String.join(", ", leftToWorkers)),
                        facts);
    }

    private static String summary(RegionsReport report) {
        if (report.objects() == 0) {
            return ": it has nothing that the snapshot before does not have; --full fetches all of it";
        }
        long well =
                report.regions().stream().filter(region -> !region.isTrouble()).count();
        return " in " + well + " of " + Words.count(report.regions().size(), "region", "regions");
    }

    /** Ends with the status that the regions deserve. */
    private void require(RegionsReport report) throws CaravanException {
        for (RegionReport region : report.regions()) {
            for (WarmFault fault : region.faults()) {
                if (fault.isDamage()) {
                    throw new DamagedException(
                            "warm " + url + " through " + region.region() + ": " + fault,
                            "the edge has something else under this name; let the CDN forget the path");
                }
            }
        }
        List<RegionReport> cold =
                report.regions().stream().filter(RegionReport::isTrouble).toList();
        if (!cold.isEmpty()) {
            throw new TransientException(
                    "warm " + url + " through " + cold.get(0).region() + ": "
                            + cold.get(0).state().wireName() + ", "
                            + cold.get(0).reason()
                            + (cold.size() > 1 ? " (and " + (cold.size() - 1) + " more)" : ""),
                    "run it again: what a cache has already costs little");
        }
    }

    private static URI publicUrl(SnapshotLocation location) throws WrongUsageException {
        if (!location.base().matches("https?://.*")) {
            throw new WrongUsageException(
                    "warm " + location.base() + ": a cache is reached by http or https", "give the public URL");
        }
        return URI.create(location.base());
    }

    /** The regions that a command means. */
    private record RegionChoice(List<Region> configured) {

        List<Region> of(List<String> wanted) throws WrongUsageException {
            if (wanted.isEmpty()) {
                return configured.isEmpty() ? List.of(new Region("here", new Vantage.Direct())) : configured;
            }
            List<Region> chosen = new ArrayList<>();
            for (String text : wanted) {
                Region region = region(text);
                if (chosen.stream().anyMatch(other -> other.name().equals(region.name()))) {
                    throw new WrongUsageException("--region " + region.name() + " is given twice", "give it once");
                }
                chosen.add(region);
            }
            return chosen;
        }

        private Region region(String text) throws WrongUsageException {
            int equals = text.indexOf('=');
            if (equals < 0) {
                return configured.stream()
                        .filter(region -> region.name().equals(text))
                        .findFirst()
                        .orElseThrow(() -> new WrongUsageException(
                                "--region " + text + " is not in caravan.warm.regions",
                                "give it with its way, as --region " + text + "=direct"));
            }
            try {
                return new Region(text.substring(0, equals), Vantage.parse(text.substring(equals + 1)));
            } catch (IllegalArgumentException e) {
                throw new WrongUsageException("--region " + text + ": " + e.getMessage(), "write NAME or NAME=VIA", e);
            }
        }
    }
}
