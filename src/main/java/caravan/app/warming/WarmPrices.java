package caravan.app.warming;

import static java.util.Objects.requireNonNull;

import caravan.price.Provider;
import java.time.LocalDate;
import java.util.List;

/**
 * By which prices warm-ups are counted, and how much one may cost.
 *
 * @param date of the prices
 * @param provider who serves what is fetched; none if nothing is counted
 * @param budget dollars for one warm-up, all regions together; 0 for no limit
 */
public record WarmPrices(LocalDate date, List<Provider> provider, double budget) {

    /** Nothing is counted. */
    public static final WarmPrices NONE = new WarmPrices(LocalDate.EPOCH, List.of(), 0);

    /** Checks that a budget is counted by something. */
    public WarmPrices {
        requireNonNull(date, "date");
        provider = List.copyOf(provider);
        if (provider.size() > 1 || (provider.isEmpty() && budget > 0)) {
            throw new IllegalArgumentException("a budget is counted by the prices of one provider");
        }
    }

    /** What counts one warm-up from its beginning. */
    public PricedRun begin() {
        return new PricedRun(this);
    }
}
