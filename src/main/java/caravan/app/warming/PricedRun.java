package caravan.app.warming;

import caravan.price.Spending;
import caravan.warm.Observation;
import caravan.warm.TaskListener;
import caravan.warm.WarmFault;
import caravan.warm.WarmTask;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one warm-up costs by list prices. It ends the warm-up when its budget is used up; what is under way then, one object
 * for each connection, is dropped.
 */
public final class PricedRun implements TaskListener {

    private static final Logger LOG = LoggerFactory.getLogger(PricedRun.class);

    private final WarmPrices prices;

    private final List<Spending> spending;

    private final AtomicBoolean ended = new AtomicBoolean();

    PricedRun(WarmPrices prices) {
        this.prices = prices;
        this.spending = prices.provider().stream()
                .map(provider -> new Spending(provider, prices.budget()))
                .toList();
    }

    @Override
    public void came(WarmTask task, Observation seen) {
        String region = task.region().region().name();
        for (Spending each : spending) {
            each.asked(region);
            each.served(region, seen.bytes());
            endIfUsedUp(each, task);
        }
    }

    @Override
    public void missed(WarmTask task, WarmFault fault) {
        for (Spending each : spending) {
            each.asked(task.region().region().name());
            endIfUsedUp(each, task);
        }
    }

    private void endIfUsedUp(Spending each, WarmTask task) {
        if (each.isUsedUp() && !ended.getAndSet(true)) {
            String reason = "its budget of " + dollars(each.budget()) + " was used up";
            LOG.warn("{}: the warm-up ends, {}", task.region().run().database(), reason);
            task.region().run().end(reason);
        }
    }

    /** What {@code region} has cost, for people; empty if nothing is counted. */
    public String words(String region) {
        return spending.isEmpty() ? "" : words(spending.get(0).of(region));
    }

    /** What all regions have cost, for people; empty if nothing is counted. */
    public String words() {
        return spending.isEmpty() ? "" : words(spending.get(0).total());
    }

    private String words(double cost) {
        return ", about " + dollars(cost) + " by the list prices of " + prices.date();
    }

    private static String dollars(double amount) {
        return String.format(Locale.ROOT, "$%.2f", amount);
    }
}
