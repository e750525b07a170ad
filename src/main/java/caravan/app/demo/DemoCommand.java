package caravan.app.demo;

import caravan.alert.Alert;
import caravan.app.demo.DemoPublications.Ended;
import caravan.app.pipeline.Daemon;
import caravan.app.pipeline.Installation;
import caravan.app.pipeline.PipelineBeans;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.localedge.LocalEdge;
import caravan.manifest.RegionsFormat;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.store.StoredObject;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caravan demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "The whole pipeline on this machine: a sample node that writes a real RocksDB, a local S3, and edges in five"
                    + " regions. Every stage runs as it does for a real node.",
            "Publishes again and again while the node goes on; with --once: twice, restores the copy with caravan and"
                    + " with sync.sh, opens both and checks every column."
        })
public final class DemoCommand implements Callable<Integer> {

    static final DatabaseName DATABASE = new DatabaseName("demo");

    private static final Duration PUBLICATION_LIMIT = Duration.ofMinutes(5);

    private static final long STOP_LIMIT_SECONDS = 40;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "where everything goes; default: a new one in /tmp")
    private Path directory;

    @Option(
            names = "--initial-bytes",
            paramLabel = "SIZE",
            defaultValue = "256MB",
            description = "size of the database; default ${DEFAULT-VALUE}")
    private String initialBytes;

    @Option(names = "--once", description = "publish twice, restore, check, and end; status 1 if anything is wrong")
    private boolean once;

    @Override
    public Integer call() throws CaravanException, IOException {
        CountDownLatch ended = new CountDownLatch(1);
        Thread stop = stopper(Thread.currentThread(), ended);
        Runtime.getRuntime().addShutdownHook(stop);
        try {
            run(new DemoTable(spec.commandLine().getOut()));
            return 0;
        } catch (DamagedException | RefusedException | TransientException e) {
            // Whatever it is, it is this program's own fault: everything here is its own.
            throw new FailedException(e.getMessage(), e.hint(), e);
        } catch (InterruptedException e) {
            // Somebody has pressed Ctrl-C; everything that was started has been ended on the way here.
            return 0;
        } finally {
            ended.countDown();
        }
    }

    private void run(DemoTable table) throws CaravanException, IOException, InterruptedException {
        Path base = place();
        Installation installation = Installation.ofThisProcess();
        table.say("Everything is in %s", base);
        table.say("Filling a sample node's database with %s …", initialBytes);
        try (DemoSite site = DemoSite.start(base, initialBytes)) {
            introduce(site, table);
            Settings settings = site.settings(installation.config().resolve("demo.properties"), !once);
            try (PipelineBeans beans = new PipelineBeans(installation, settings);
                    Daemon daemon = Daemon.load(installation, settings, beans, beans.probe())) {
                DemoPublications publications = new DemoPublications();
                beans.desk().tell(publications);
                daemon.begin();
                if (once) {
                    publishTwice(beans, installation.stateDirectory(settings), publications, table);
                    new DemoUser(site, installation.syncScript(), table).restoreAndOpen();
                    sayWhatIsLeft(site, base, table);
                } else {
                    sayHowToRestore(site, table);
                    table.say("It publishes and serves until you press Ctrl-C.");
                    showPublications(beans, publications, table);
                }
            }
        }
    }

    private Path place() throws WrongUsageException {
        try {
            return directory == null
                    ? Files.createTempDirectory("caravan-demo-")
                    : Files.createDirectories(directory.toAbsolutePath());
        } catch (IOException e) {
            throw new WrongUsageException(
                    "cannot use " + (directory == null ? "the temporary directory" : directory) + ": " + e,
                    "name a new or empty directory with --directory",
                    e);
        }
    }

    private static void publishTwice(PipelineBeans beans, Path state, DemoPublications publications, DemoTable table)
            throws CaravanException, IOException, InterruptedException {
        table.headOfPublications();
        Ended.Well first = publishByTrigger(beans, state, publications);
        table.publication("first publication", first);
        Ended.Well second = publishByTrigger(beans, state, publications);
        table.publication("second publication", second);
        for (Ended.Well ended : List.of(first, second)) {
            requireWarm(showRegions(beans, ended.publication().snapshot(), table));
        }
        requireNoTrouble(beans);
        table.say("");
    }

    /** A stage that a publication can do without is none that the demo can do without. */
    private static void requireNoTrouble(PipelineBeans beans) throws CaravanException {
        List<Alert> troubles = beans.troubles();
        if (!troubles.isEmpty()) {
            Alert first = troubles.get(0);
            throw new FailedException(
                    (first.source().isEmpty() ? first.event() : first.source()) + " failed: " + first.what()
                            + (troubles.size() == 1 ? "" : " (and " + (troubles.size() - 1) + " more)"),
                    first.hint());
        }
    }

    private static void requireWarm(Optional<RegionsReport> report) throws FailedException {
        List<String> cold = report.map(RegionsReport::regions).orElse(List.of()).stream()
                .filter(region -> region.isTrouble() || region.warm().hitRatio() < 1)
                .map(RegionReport::region)
                .toList();
        if (report.isEmpty() || !cold.isEmpty()) {
            throw new FailedException(
                    "not every edge is warm: " + (report.isEmpty() ? "none was measured" : String.join(", ", cold)),
                    "the log above says what went wrong there");
        }
    }

    /** As an operator asks for a publication now. */
    private static Ended.Well publishByTrigger(PipelineBeans beans, Path state, DemoPublications publications)
            throws CaravanException, IOException, InterruptedException {
        Files.createFile(state.resolve("trigger").resolve(DATABASE.value()));
        Ended ended = publications
                .next(PUBLICATION_LIMIT)
                .orElseThrow(() -> new FailedException(
                        "no publication ended within " + PUBLICATION_LIMIT.toMinutes() + " minutes",
                        "the log above says how far it came"));
        if (ended instanceof Ended.Badly badly) {
            throw beans.told(badly.failure());
        }
        return (Ended.Well) ended;
    }

    /** Failures are in the log. */
    private static void showPublications(PipelineBeans beans, DemoPublications publications, DemoTable table)
            throws CaravanException, InterruptedException {
        table.headOfPublications();
        boolean first = true;
        while (true) {
            if (publications.next() instanceof Ended.Well ended) {
                table.publication(first ? "first publication" : "and again", ended);
                if (first) {
                    showRegions(beans, ended.publication().snapshot(), table);
                    table.headOfPublications();
                }
                first = false;
            }
        }
    }

    private static Optional<RegionsReport> showRegions(PipelineBeans beans, SnapshotId snapshot, DemoTable table)
            throws CaravanException {
        String name = BucketPaths.ofSnapshot(DATABASE, snapshot, BucketPaths.REGIONS);
        Optional<StoredObject> report = beans.store().read(name, RegionsFormat.MAX_BYTES);
        if (report.isEmpty()) {
            table.say("The edges are still being warmed; %s will say how it was.", name);
            return Optional.empty();
        }
        RegionsReport measured = RegionsFormat.read(report.get().bytes(), name);
        table.regions(measured);
        return Optional.of(measured);
    }

    private static void introduce(DemoSite site, DemoTable table) {
        table.say(
                "The node answers at %s and writes %s",
                site.node().rpcUrl(), site.node().base().databaseRoot());
        table.say("The bucket is at %s", site.bucket().endpoint());
        for (LocalEdge edge : site.edges()) {
            table.say(
                    "Edge %-14s %-10s %s",
                    edge.location().region(), edge.location().pop(), edge.address());
        }
    }

    /** No address of it answers once this program has ended. */
    private static void sayWhatIsLeft(DemoSite site, Path base, DemoTable table) {
        table.say("");
        table.say("All of it stays in %s until you remove it. To restore the copy yourself, from there:", base);
        table.say("  caravan fetch %s/%s DIR --key %s", site.bucketDirectory(), DATABASE, site.publicKeyFile());
    }

    private static void sayHowToRestore(DemoSite site, DemoTable table) {
        table.say("");
        table.say("The page:  %s/%s", site.publicUrl(), BucketPaths.PAGE);
        table.say("Operating: %s/health, %s/metrics", site.observed(), site.observed());
        table.say("To restore the copy yourself, one of");
        table.say("  caravan fetch %s/%s DIR --key %s", site.publicUrl(), DATABASE, site.publicKeyFile());
        table.say(
                "  curl -fsSLO %s/%s && bash %s %s/%s DIR --key %s",
                site.publicUrl(),
                BucketPaths.SYNC_SCRIPT,
                BucketPaths.SYNC_SCRIPT,
                site.publicUrl(),
                DATABASE,
                site.key().publicKey().fingerprint());
    }

    /** Lets the main thread end what it has started, and waits for that: the node is a process of its own. */
    private static Thread stopper(Thread main, CountDownLatch ended) {
        return new Thread(
                () -> {
                    main.interrupt();
                    try {
                        ended.await(STOP_LIMIT_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "stop");
    }
}
