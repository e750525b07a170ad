package caravan.price;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/**
 * Somebody who keeps and serves bytes, and what that costs in dollars.
 *
 * @param id in the price list
 * @param name for people
 * @param storagePerGbMonth for a GB and month
 * @param egress for what is served in a month, by rising volume; the last step has no end
 * @param egressTo the same by the region of users, where it is another
 * @param requestsPer10000 for 10,000 reads
 * @param requestsTo the same by the region of users, where it is another
 * @param freeGb that a month's egress has free
 * @param freeTimesStored as many times what is stored is free egress, too
 */
public record Provider(
        String id,
        String name,
        double storagePerGbMonth,
        List<Tier> egress,
        Map<String, List<Tier>> egressTo,
        double requestsPer10000,
        Map<String, Double> requestsTo,
        double freeGb,
        double freeTimesStored) {

    private static final double GB = 1e9;

    /** Copies the lists and maps. */
    public Provider {
        requireNonNull(id, "id");
        requireNonNull(name, "name");
        egress = checked(egress);
        egressTo = Map.copyOf(egressTo);
        egressTo.values().forEach(Provider::checked);
        requestsTo = Map.copyOf(requestsTo);
    }

    /**
     * Dollars for serving {@code bytes} in {@code requests} to {@code region}, as the first of a month and without what
     * is free.
     */
    public double serving(String region, long bytes, long requests) {
        List<Tier> tiers = egressTo.getOrDefault(region, egress);
        return bytes / GB * tiers.get(0).perGb()
                + requests / 10_000.0 * requestsTo.getOrDefault(region, requestsPer10000);
    }

    /**
     * What a month costs.
     *
     * @param stored bytes that are kept
     * @param served bytes that are read, all together
     * @param requests in which they are read
     */
    public MonthlyCost month(long stored, double served, double requests) {
        double storedGb = stored / GB;
        double billed = Math.max(0, served / GB - freeGb - freeTimesStored * storedGb);
        double egressCost = 0;
        double from = 0;
        for (Tier tier : egress) {
            double inTier = Math.max(0, Math.min(billed, tier.upToGb()) - from);
            egressCost += inTier * tier.perGb();
            from = tier.upToGb();
        }
        return new MonthlyCost(storedGb * storagePerGbMonth, egressCost, requests / 10_000 * requestsPer10000);
    }

    private static List<Tier> checked(List<Tier> tiers) {
        double end = 0;
        for (Tier tier : tiers) {
            if (tier.upToGb() <= end) {
                throw new IllegalArgumentException("the steps of a price rise");
            }
            end = tier.upToGb();
        }
        if (!Double.isInfinite(end)) {
            throw new IllegalArgumentException("the last step of a price is for the rest: *:PRICE");
        }
        return List.copyOf(tiers);
    }
}
