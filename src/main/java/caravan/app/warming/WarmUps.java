package caravan.app.warming;

import caravan.alert.Alert;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.RegionsFormat;
import caravan.pace.Waiting;
import caravan.publish.Publication;
import caravan.publish.SnapshotChunks;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionWarming;
import caravan.warm.RegionsReport;
import caravan.warm.WarmListener;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The warm-ups that are under way, one for each database at most: a publication that begins one ends the one before,
 * and takes over what that one had to fetch. Bean {@code warmUps}; safe for many threads.
 */
public final class WarmUps {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUps.class);

    private static final String STOPPED = "Caravan was stopped";

    private final WarmSetup setup;

    private final URI publicUrl;

    private final ObjectStore store;

    private final WarmListener listener;

    private final Clock clock;

    private final RandomGenerator random;

    /** Held while a report is changed. */
    private final Object writing = new Object();

    private final Map<DatabaseName, WarmRun> runs = new ConcurrentHashMap<>();

    /** As long as somebody still asks for a run. */
    private final Map<WarmRun, PricedRun> costs = Collections.synchronizedMap(new WeakHashMap<>());

    private final LaterLooks looks;

    private volatile boolean stopped;

    /**
     * Warm-ups of what is published under {@code publicUrl}.
     *
     * @param store that reports are written to
     * @param looks what is looked at again later
     * @param listener hears of every region that is finished
     * @param random for the orders in which regions fetch; needs not be secure
     */
    public WarmUps(
            WarmSetup setup,
            URI publicUrl,
            ObjectStore store,
            LaterLooks looks,
            WarmListener listener,
            Clock clock,
            RandomGenerator random) {
        this.setup = setup;
        this.publicUrl = publicUrl;
        this.store = store;
        this.looks = looks;
        this.listener = listener;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Plans the warm-up of what {@code publication} has stored; it has no regions if there is nothing to do. If the one
     * before is not finished, what it had to fetch is fetched again: nobody knows which region has what, and what a
     * region has costs it little. Called by route {@code warm-new-chunks}.
     */
    public WarmRun begin(@Body Publication publication) throws CaravanException {
        DatabaseName database = publication.database().name();
        WarmRun before = runs.get(database);
        try {
            Predicate<Digest> left = before == null ? digest -> false : before.membership();
            return begin(database, publication.snapshot(), plan(publication, left));
        } catch (IOException e) {
            throw new FailedException(
                    "plan the warm-up of " + database + " in " + setup.planDirectory() + ": " + e,
                    "the state directory must be writable and have space",
                    e);
        }
    }

    /** A warm-up by a plan that was made, which ends the one before of the same database. */
    public WarmRun begin(DatabaseName database, SnapshotId snapshot, WarmPlan plan) {
        PricedRun cost = setup.prices().begin();
        WarmRun run = new WarmRun(
                database,
                snapshot,
                publicUrl,
                plan,
                plan.size() == 0 ? List.of() : setup.regions(),
                setup.rules(),
                random.nextLong(),
                Waiting.REAL,
                cost);
        costs.put(run, cost);
        WarmRun before = runs.put(database, run);
        if (before != null) {
            before.end("overtaken by the next publication");
        }
        if (stopped) {
            run.end(STOPPED);
        }
        return run;
    }

    /** Waits for all regions, but not longer than the hold. Called by route {@code warm-new-chunks}. */
    public void hold(@Body WarmRun run) throws InterruptedException {
        if (run.regions().isEmpty()) {
            return;
        }
        LOG.info(
                "{}: warming {} objects ({} bytes) in {} regions",
                run.database(),
                run.plan().size(),
                run.plan().bytes(),
                run.regions().size());
        if (!run.await(setup.hold())) {
            LOG.info("{}: warming goes on behind the publication, which waited {}", run.database(), setup.hold());
        }
    }

    /** Begins a region: its address is looked up anew. Called by route {@code warm-region}. */
    public void enter(@Body RegionWarming region) {
        setup.clients().get(region.region().name()).renew();
    }

    /** Ends a region, of which no fetch is under way any more. Called by route {@code warm-region}. */
    public WarmRun finish(@Variable("region") RegionWarming region) {
        WarmRun run = region.run();
        if (run.onlyLooksAgain()) {
            run.finish(region);
            return run;
        }
        looks.remember(region);
        RegionReport report = run.finish(region);
        PassReport cold = report.cold();
        PassReport warm = report.warm();
        LOG.info(
                "{}: warmed {} for {}: {}{}, {} of {} objects ({} bytes), {} errors, POP {}, hits {} % then {} %,"
                        + " first byte {}/{} ms then {}/{} ms, {} MB/s then {} MB/s{}",
                run.database(),
                report.region(),
                run.snapshot(),
                report.state().wireName(),
                report.reason().isEmpty() ? "" : " (" + report.reason() + ")",
                cold.objects(),
                run.plan().size(),
                cold.bytes(),
                report.errors(),
                report.pops().isEmpty() ? "unknown" : String.join(" ", report.pops()),
                Math.round(100 * cold.hitRatio()),
                Math.round(100 * warm.hitRatio()),
                cold.firstByteP50Micros() / 1000,
                cold.firstByteP95Micros() / 1000,
                warm.firstByteP50Micros() / 1000,
                warm.firstByteP95Micros() / 1000,
                cold.bytesPerSecond() / 1_000_000,
                warm.bytesPerSecond() / 1_000_000,
                costOf(run).words(report.region()));
        if (!run.isGoing()) {
            runs.remove(run.database(), run);
        }
        listener.regionFinished(run, report);
        return run;
    }

    /**
     * Lets pass a region that is warm, or that ended for no fault of its own. A later look is let go of, whether or not
     * its result could be stored. Called by route {@code warm-region}.
     *
     * @throws TransientException with the whole story if it is not
     */
    public void requireWarm(@Variable("region") RegionWarming region) throws CaravanException {
        looks.done(region.run());
        region.requireWarm();
    }

    /** Writes how all regions of {@code run} stand. Called by route {@code store-regions}. */
    public void store(@Body WarmRun run) throws CaravanException {
        if (run.regions().isEmpty()) {
            return;
        }
        if (run.onlyLooksAgain()) {
            storeLook(run);
            return;
        }
        String name = BucketPaths.ofSnapshot(run.database(), run.snapshot(), BucketPaths.REGIONS);
        // One after the other, or an older state could replace a newer one.
        synchronized (writing) {
            Optional<RegionsReport> before = stored(name);
            store.put(
                    name,
                    contentOf(run.report(clock.instant().truncatedTo(ChronoUnit.SECONDS))
                            .withCost(costOf(run).cost())
                            .withRegions(region -> region.withLater(before.flatMap(all -> all.find(region.region()))
                                    .map(RegionReport::later)
                                    .orElse(List.of())))));
        }
    }

    /**
     * What people are told of a warm-up whose budget was used up, once; {@code null} if there is nothing to tell.
     * Called by route {@code tell-of-budget}.
     */
    public Alert alertOfBudget(@Body WarmRun run) {
        return costOf(run).alert(run, clock.instant()).orElse(null);
    }

    /** The warm-ups that are under way, for showing progress. */
    public Collection<WarmRun> current() {
        return List.copyOf(runs.values());
    }

    /**
     * Ends all warm-ups soon, those that are under way and those that a publication still begins: it goes on to its end
     * without. What they have measured is still written.
     */
    public void stop() {
        stopped = true;
        runs.values().forEach(run -> run.end(STOPPED));
        looks.stop(STOPPED);
    }

    /** A snapshot whose report is not there any more was retired, and no look brings it back. */
    private void storeLook(WarmRun run) throws CaravanException {
        RegionWarming region = run.regions().get(0);
        // What its budget ended is no sample of what is there: hits come first.
        Optional<LaterLook> look = region.isCalledOff() ? Optional.empty() : looks.lookOf(run);
        if (look.isPresent()) {
            String name = BucketPaths.ofSnapshot(run.database(), run.snapshot(), BucketPaths.REGIONS);
            synchronized (writing) {
                Optional<RegionsReport> before = stored(name);
                if (before.isPresent()) {
                    store.put(
                            name,
                            contentOf(before.get()
                                    .withRegions(each ->
                                            each.region().equals(region.region().name())
                                                    ? each.with(look.get())
                                                    : each)));
                }
            }
            listener.lookedLater(region.region().name(), look.get());
        }
        looks.done(run);
    }

    /** What was written under {@code name} before, as far as it can be read. */
    private Optional<RegionsReport> stored(String name) throws CaravanException {
        Optional<StoredObject> before = store.read(name, RegionsFormat.MAX_BYTES);
        if (before.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RegionsFormat.read(before.get().bytes(), name));
        } catch (DamagedException e) {
            LOG.warn("{}", e.getMessage());
            return Optional.empty();
        }
    }

    private PricedRun costOf(WarmRun run) {
        return Optional.ofNullable(costs.get(run)).orElseGet(WarmPrices.NONE::begin);
    }

    private static Content contentOf(RegionsReport report) {
        return Content.of(RegionsFormat.write(report), "application/json", CachePolicy.MUTABLE);
    }

    private WarmPlan plan(Publication publication, Predicate<Digest> left) throws IOException, CaravanException {
        Files.createDirectories(setup.planDirectory());
        WarmPlan plan = WarmPlan.create(setup.planDirectory());
        try {
            if (!setup.regions().isEmpty()) {
                SnapshotChunks.visit(publication, (chunk, isNew) -> {
                    if (isNew || setup.full() || left.test(chunk.digest())) {
                        plan.add(chunk);
                    }
                });
            }
            return plan.complete();
        } catch (IOException | CaravanException | RuntimeException e) {
            plan.close();
            throw e;
        }
    }
}
