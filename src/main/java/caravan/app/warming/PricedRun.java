package caravan.app.warming;

import caravan.alert.Alert;
import caravan.alert.Severity;
import caravan.price.Provider;
import caravan.price.Spending;
import caravan.snapshot.BucketPaths;
import caravan.warm.Observation;
import caravan.warm.RegionWarming;
import caravan.warm.TaskListener;
import caravan.warm.WarmCost;
import caravan.warm.WarmFault;
import caravan.warm.WarmRun;
import caravan.warm.WarmTask;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one warm-up costs by list prices. It ends the warm-up when its budget is used up; what is under way then, one
 * object for each connection, is dropped. Of what others are to fetch no more is handed out than the budget allows for,
 * since nobody can call it back. Safe for many threads.
 */
public final class PricedRun implements TaskListener {

    /** Event of an alert: a warm-up ended because its budget was used up. */
    public static final String BUDGET_USED_UP = "warm-budget-used-up";

    private static final Logger LOG = LoggerFactory.getLogger(PricedRun.class);

    private static final double MICROS = 1e6;

    private final WarmPrices prices;

    private final Optional<Spending> spending;

    private final AtomicBoolean ended = new AtomicBoolean();

    private final AtomicBoolean told = new AtomicBoolean();

    private double setAside;

    PricedRun(WarmPrices prices) {
        this.prices = prices;
        this.spending = prices.provider().stream()
                .map(provider -> new Spending(provider, prices.budget()))
                .findFirst();
    }

    @Override
    public void moved(WarmTask task, long bytes) {
        spending.ifPresent(sum -> {
            sum.served(task.region().region().name(), bytes);
            endIfUsedUp(sum, task.region().run());
        });
    }

    @Override
    public void came(WarmTask task, Observation seen) {
        asked(task);
    }

    @Override
    public void missed(WarmTask task, WarmFault fault) {
        asked(task);
    }

    @Override
    public synchronized boolean setAside(RegionWarming region, long objects, long bytes) {
        if (spending.isEmpty() || prices.budget() == 0) {
            return true;
        }
        double cost = costOf(region, objects, bytes);
        if (spending.get().total() + setAside + cost <= prices.budget()) {
            setAside += cost;
            return true;
        }
        if (setAside <= 0) {
            // Nothing is out that could turn out to be cheaper.
            end(region.run());
        }
        return false;
    }

    @Override
    public synchronized void giveBack(RegionWarming region, long objects, long bytes) {
        if (spending.isPresent() && prices.budget() > 0) {
            double left = setAside - costOf(region, objects, bytes);
            // What is added and taken away again leaves a little of itself.
            setAside = left < prices.budget() / MICROS ? 0 : left;
        }
    }

    /** What people are told of a budget that was used up, once; empty if it was not, or they were told. */
    Optional<Alert> alert(WarmRun run, Instant now) {
        if (!ended.get() || told.getAndSet(true)) {
            return Optional.empty();
        }
        return Optional.of(new Alert(
                BUDGET_USED_UP,
                Severity.WARNING,
                Alert.Lasts.NOT,
                run.database().value(),
                "warm-up",
                "the warm-up of " + run.snapshot() + " ended because " + reason() + words(),
                "raise caravan.warm.budget, or warm less (caravan.warm.regions); "
                        + BucketPaths.ofSnapshot(run.database(), run.snapshot(), BucketPaths.REGIONS)
                        + " says what each region has",
                "",
                now));
    }

    /** What it has cost so far; none if nothing is counted. */
    public Optional<WarmCost> cost() {
        return spending.map(sum -> {
            Map<String, Long> regions = new TreeMap<>();
            sum.regions().forEach(region -> regions.put(region, Math.round(sum.of(region) * MICROS)));
            return new WarmCost(prices.provider().get(0).id(), prices.date(), regions);
        });
    }

    /** What {@code region} has cost, for people; empty if nothing is counted. */
    public String words(String region) {
        return spending.map(sum -> words(sum.of(region))).orElse("");
    }

    /** What all regions have cost, for people; empty if nothing is counted. */
    public String words() {
        return spending.map(sum -> words(sum.total())).orElse("");
    }

    private void asked(WarmTask task) {
        spending.ifPresent(sum -> {
            sum.asked(task.region().region().name());
            endIfUsedUp(sum, task.region().run());
        });
    }

    private void endIfUsedUp(Spending sum, WarmRun run) {
        if (sum.isUsedUp()) {
            end(run);
        }
    }

    private void end(WarmRun run) {
        boolean isFirst = !ended.getAndSet(true);
        // Whoever sees it ends it, and before it is told: the others go on fetching until then.
        run.end(reason());
        if (isFirst) {
            LOG.warn("{}: the warm-up ends, {}", run.database(), reason());
        }
    }

    private double costOf(RegionWarming region, long objects, long bytes) {
        Provider provider = prices.provider().get(0);
        return provider.serving(region.region().name(), bytes, objects);
    }

    private String reason() {
        return "its budget of " + dollars(prices.budget()) + " was used up";
    }

    private String words(double cost) {
        return ", about " + dollars(cost) + " by the list prices of " + prices.date();
    }

    private static String dollars(double amount) {
        return String.format(Locale.ROOT, "$%.2f", amount);
    }
}
