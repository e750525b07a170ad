package caravan.app.command;

import caravan.price.Provider;
import caravan.restore.target.Space;
import caravan.warm.Region;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What it will cost to warm a snapshot in every region, by list prices. What has to be fetched twice because something
 * failed is not in it.
 *
 * @param objects that are fetched through each region
 * @param bytes of them
 * @param again how many of them are looked at a second time
 * @param looks how often as many are looked at later
 * @param regions each of which fetches all of it
 * @param providers by whose prices to count
 * @param pricesOf date of the prices
 * @param budget dollars after which a warm-up ends; 0 for none
 */
record WarmCostText(
        long objects,
        long bytes,
        long again,
        int looks,
        List<Region> regions,
        List<Provider> providers,
        LocalDate pricesOf,
        double budget) {

    @Override
    public String toString() {
        if (objects == 0) {
            return "warming   nothing: it has nothing that the snapshot before does not have";
        }
        List<String> each = new ArrayList<>();
        for (Provider provider : providers) {
            each.add(provider.name() + " " + dollars(warmUp(provider)) + ofRegions(provider));
        }
        return String.format(
                Locale.ROOT,
                "warming   %s (%s) through %s, and %d of them again: %s%s (list prices of %s, before what is free)",
                Words.count(objects, "chunk", "chunks"),
                Space.shown(bytes),
                regions.size() == 1 ? "1 region" : "each of " + regions.size() + " regions",
                again,
                String.join(", ", each),
                afterwards(),
                pricesOf);
    }

    /** The same for machines, in millionths of a dollar. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("warmChunks", objects);
        facts.put("warmBytes", bytes);
        facts.put("warmRegions", regions.size());
        for (Provider provider : providers) {
            facts.put("warmMicros." + provider.id(), micros(warmUp(provider)));
            facts.put("warmLooksMicros." + provider.id(), micros(later(provider)));
        }
        return facts;
    }

    private String ofRegions(Provider provider) {
        if (providers.size() > 1) {
            return "";
        }
        List<String> each = new ArrayList<>();
        for (Region region : regions) {
            each.add(region.name() + " " + dollars(warmUp(provider, region)));
        }
        return " (" + String.join(", ", each) + ")";
    }

    private String afterwards() {
        List<String> more = new ArrayList<>();
        if (looks > 0 && providers.size() == 1) {
            more.add("; later looks " + dollars(later(providers.get(0))));
        }
        if (budget > 0 && providers.stream().anyMatch(provider -> warmUp(provider) > budget)) {
            more.add("; it ends at its budget of " + dollars(budget));
        }
        return String.join("", more);
    }

    private double warmUp(Provider provider) {
        return regions.stream().mapToDouble(region -> warmUp(provider, region)).sum();
    }

    private double warmUp(Provider provider, Region region) {
        return provider.serving(region.name(), bytes + bytesAgain(), objects + again);
    }

    private double later(Provider provider) {
        return looks
                * regions.stream()
                        .mapToDouble(region -> provider.serving(region.name(), bytesAgain(), again))
                        .sum();
    }

    /** As long as they are on average, since which ones it will be is not known. */
    private long bytesAgain() {
        return objects == 0 ? 0 : Math.round((double) bytes * again / objects);
    }

    private static long micros(double dollars) {
        return Math.round(dollars * 1e6);
    }

    private static String dollars(double amount) {
        return String.format(Locale.ROOT, "$%,.2f", amount);
    }
}
