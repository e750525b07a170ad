package caravan.app.command;

import caravan.price.MonthlyCost;
import caravan.price.PriceList;
import caravan.price.Provider;
import caravan.restore.PlannedFetch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What it costs the publisher to serve a snapshot, by list prices. Whoever fetches pays nothing to Caravan's
 * publishers.
 */
final class CostText {

    private final PriceList prices;

    private final PlannedFetch planned;

    CostText(PriceList prices, PlannedFetch planned) {
        this.prices = prices;
        this.planned = planned;
    }

    /** One line: what this fetch costs who serves it. */
    String once() {
        List<String> each = new ArrayList<>();
        for (Provider provider : prices.providers()) {
            each.add(provider.name() + " " + dollars(once(provider)));
        }
        return "cost      for who serves it, from " + String.join(", ", each) + " (list prices of " + prices.date()
                + ", before what is free)";
    }

    /** A table: what a month costs in which {@code syncs} users fetch all of it. */
    String compare(long syncs) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "a month in which %s fetched whole, by list prices of %s (config/prices.properties; check them):",
                Words.count(syncs, "snapshot is", "snapshots are"),
                prices.date()));
        lines.add(String.format("%-26s %12s %12s %12s %12s", "", "storage", "egress", "requests", "total"));
        for (Provider provider : prices.providers()) {
            MonthlyCost month = month(provider, syncs);
            lines.add(String.format(
                    Locale.ROOT,
                    "%-26s %12s %12s %12s %12s",
                    provider.name(),
                    dollars(month.storage()),
                    dollars(month.egress()),
                    dollars(month.requests()),
                    dollars(month.total())));
        }
        return String.join("\n", lines);
    }

    /** The same for machines, in millionths of a dollar. */
    Map<String, Object> facts(long syncs) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("pricesOf", prices.date().toString());
        for (Provider provider : prices.providers()) {
            facts.put("costMicros." + provider.id(), micros(once(provider)));
            if (syncs > 0) {
                facts.put(
                        "monthMicros." + provider.id(),
                        micros(month(provider, syncs).total()));
            }
        }
        return facts;
    }

    private double once(Provider provider) {
        return provider.serving("", planned.bytesToFetch(), planned.chunksToFetch());
    }

    /**
     * Every user fetches all chunks; how many requests that are is known from a plan that keeps nothing, and else
     * guessed from it.
     */
    private MonthlyCost month(Provider provider, long syncs) {
        long bytes = planned.record().totals().bytes();
        double chunks = planned.bytesToFetch() == 0
                ? bytes / 64e6
                : planned.chunksToFetch() * ((double) bytes / planned.bytesToFetch());
        return provider.month(bytes, (double) bytes * syncs, chunks * syncs);
    }

    private static long micros(double dollars) {
        return Math.round(dollars * 1e6);
    }

    private static String dollars(double amount) {
        return String.format(Locale.ROOT, "$%,.2f", amount);
    }
}
