package caravan.price;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What one piece of work has cost so far by list prices, and whether that is enough. Safe for many threads. */
public final class Spending {

    private final Provider provider;

    private final double budget;

    private final Map<String, LongAdder> bytes = new ConcurrentHashMap<>();

    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();

    /**
     * Nothing is spent yet.
     *
     * @param provider who serves
     * @param budget dollars that may be spent; 0 for no limit
     */
    public Spending(Provider provider, double budget) {
        this.provider = provider;
        this.budget = budget;
    }

    /** Notes bytes that were served to {@code region}. */
    public void served(String region, long count) {
        bytes.computeIfAbsent(region, key -> new LongAdder()).add(count);
    }

    /** Notes a request from {@code region}. */
    public void asked(String region) {
        requests.computeIfAbsent(region, key -> new LongAdder()).increment();
    }

    /** Dollars for {@code region}. */
    public double of(String region) {
        return provider.serving(region, sum(bytes, region), sum(requests, region));
    }

    /** Dollars for all regions. */
    public double total() {
        return regions().stream().mapToDouble(this::of).sum();
    }

    /** The regions for which anything was noted. */
    public Set<String> regions() {
        Set<String> all = new TreeSet<>(bytes.keySet());
        all.addAll(requests.keySet());
        return all;
    }

    /** Whether no more may be spent. */
    public boolean isUsedUp() {
        return budget > 0 && total() >= budget;
    }

    /** Dollars that may be spent; 0 for no limit. */
    public double budget() {
        return budget;
    }

    private static long sum(Map<String, LongAdder> counts, String region) {
        LongAdder count = counts.get(region);
        return count == null ? 0 : count.sum();
    }
}
