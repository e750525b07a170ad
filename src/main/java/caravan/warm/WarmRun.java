package caravan.warm;

import static java.util.Objects.requireNonNull;

import caravan.pace.Waiting;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The warm-up of one snapshot, in all regions at once. It outlives the publication that began it, and ends when its
 * last region has, or soon after {@link #end}.
 */
public final class WarmRun {

    private final DatabaseName database;

    private final SnapshotId snapshot;

    private final URI publicUrl;

    private final WarmPlan plan;

    private final List<RegionWarming> regions;

    private final CountDownLatch going;

    private final boolean onlyLooksAgain;

    /**
     * A run that has not begun.
     *
     * @param publicUrl what the objects' paths are relative to
     * @param plan closed when the last region has finished
     * @param regions none if there is nothing to do
     * @param seed of the orders in which the regions fetch
     * @param listener hears of every object
     */
    public WarmRun(
            DatabaseName database,
            SnapshotId snapshot,
            URI publicUrl,
            WarmPlan plan,
            List<Region> regions,
            WarmRules rules,
            long seed,
            Waiting time,
            TaskListener listener) {
        this.database = requireNonNull(database, "database");
        this.snapshot = requireNonNull(snapshot, "snapshot");
        this.publicUrl = requireNonNull(publicUrl, "publicUrl");
        this.plan = requireNonNull(plan, "plan");
        this.going = new CountDownLatch(regions.size());
        this.onlyLooksAgain = rules.onlyAgain();
        this.regions = regions.stream()
                .map(region -> new RegionWarming(
                        region, this, rules, seed + region.name().hashCode(), time, listener))
                .toList();
    }

    /** Whose snapshot it is. */
    public DatabaseName database() {
        return database;
    }

    /** What is warmed. */
    public SnapshotId snapshot() {
        return snapshot;
    }

    /** What the objects' paths are relative to. */
    public URI publicUrl() {
        return publicUrl;
    }

    /** The objects. */
    public WarmPlan plan() {
        return plan;
    }

    /** Every region. Called by route {@code warm-new-chunks}. */
    public List<RegionWarming> regions() {
        return regions;
    }

    /** Whether it warms nothing, and looks again at what was warmed before. */
    public boolean onlyLooksAgain() {
        return onlyLooksAgain;
    }

    /** Where everybody finds {@code object}. */
    public URI addressOf(WarmObject object) {
        String base = publicUrl.toString();
        return URI.create(base.endsWith("/") ? base + object.path() : base + "/" + object.path());
    }

    /** Whether any region is not finished. */
    public boolean isGoing() {
        return going.getCount() > 0;
    }

    /** Waits until all regions have finished, at most for {@code hold}; says whether they have. */
    public boolean await(Duration hold) throws InterruptedException {
        return going.await(hold.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends all regions soon, with what they have. */
    public void end(String reason) {
        regions.forEach(region -> region.callOff(reason));
    }

    /** Notes that {@code region} has no fetch under way any more, and gives what came of it. */
    public synchronized RegionReport finish(RegionWarming region) {
        if (!region.isFinished()) {
            region.finish();
            if (regions.stream().allMatch(RegionWarming::isFinished)) {
                closePlan();
            }
            going.countDown();
        }
        return region.report();
    }

    /** Which chunks it fetches, as long as a region is not finished; none afterwards. */
    public synchronized Predicate<Digest> membership() throws IOException {
        return isGoing() ? plan.membership() : digest -> false;
    }

    /** How all regions stand. */
    public RegionsReport report(Instant now) {
        return new RegionsReport(
                database,
                snapshot,
                now,
                plan.size(),
                plan.bytes(),
                regions.stream().map(RegionWarming::report).collect(Collectors.toList()));
    }

    private void closePlan() {
        try {
            plan.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the plan of " + snapshot, e);
        }
    }
}
