package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What came of the warm-up in one region.
 *
 * @param region its name
 * @param via kind of its vantage
 * @param state how it stands
 * @param reason why it is not {@code ok}, in words that everybody may read; empty if it is
 * @param pops names of the places that answered, sorted
 * @param errors how many fetches failed
 * @param elsewhere how many answers came from another place than the one that was meant
 * @param faults the first of what went wrong
 * @param cold the first look, which brought the objects there
 * @param warm the second look at a sample of them
 */
public record RegionReport(
        String region,
        String via,
        RegionState state,
        String reason,
        List<String> pops,
        long errors,
        long elsewhere,
        List<WarmFault> faults,
        PassReport cold,
        PassReport warm) {

    /** Most names of places and most faults that are kept. */
    public static final int MAX_LISTED = 20;

    /** Checks that nothing is null. */
    public RegionReport {
        requireNonNull(region, "region");
        requireNonNull(via, "via");
        requireNonNull(state, "state");
        requireNonNull(reason, "reason");
        requireNonNull(cold, "cold");
        requireNonNull(warm, "warm");
        pops = List.copyOf(pops);
        faults = List.copyOf(faults);
        if (pops.size() > MAX_LISTED || faults.size() > MAX_LISTED) {
            throw new IllegalArgumentException("a report lists at most " + MAX_LISTED + " places and faults");
        }
    }

    /** Whether people should hear of it. */
    public boolean isTrouble() {
        return state == RegionState.PARTIAL || state == RegionState.FAILED || state == RegionState.WRONG_POP;
    }
}
