package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a warm-up has cost by list prices.
 *
 * @param provider by whose prices, as the price list calls it
 * @param pricesOf date of the price list
 * @param regions millionths of a dollar by the name of the region; a region that is not there has cost nothing
 */
public record WarmCost(String provider, LocalDate pricesOf, Map<String, Long> regions) {

    /** Checks that nothing is null or below zero. */
    public WarmCost {
        requireNonNull(provider, "provider");
        requireNonNull(pricesOf, "pricesOf");
        regions = Collections.unmodifiableMap(new TreeMap<>(regions));
        if (regions.values().stream().anyMatch(micros -> micros < 0)) {
            throw new IllegalArgumentException("nothing costs less than nothing");
        }
    }

    /** Millionths of a dollar for {@code region}. */
    public long of(String region) {
        return regions.getOrDefault(region, 0L);
    }

    /** Millionths of a dollar for all regions. */
    public long total() {
        return regions.values().stream().mapToLong(Long::longValue).sum();
    }
}
