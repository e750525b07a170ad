package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
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
 * @param later looks at that sample some time later, the earliest first
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
        PassReport warm,
        List<LaterLook> later) {

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
        later = later.stream().sorted(Comparator.comparing(LaterLook::after)).toList();
        if (pops.size() > MAX_LISTED || faults.size() > MAX_LISTED || later.size() > MAX_LISTED) {
            throw new IllegalArgumentException(
                    "a report lists at most " + MAX_LISTED + " places, faults and later looks");
        }
    }

    /** Nobody has looked later, so far. */
    public RegionReport(
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
        this(region, via, state, reason, pops, errors, elsewhere, faults, cold, warm, List.of());
    }

    /** The same with these later looks. */
    public RegionReport withLater(List<LaterLook> looks) {
        return new RegionReport(region, via, state, reason, pops, errors, elsewhere, faults, cold, warm, looks);
    }

    /** The same with one more later look, in place of one that was meant for the same time. */
    public RegionReport with(LaterLook look) {
        List<LaterLook> looks = new ArrayList<>(later);
        looks.removeIf(other -> other.after().equals(look.after()));
        looks.add(look);
        return withLater(looks);
    }

    /** Whether people should hear of it. */
    public boolean isTrouble() {
        return state == RegionState.PARTIAL || state == RegionState.FAILED || state == RegionState.WRONG_POP;
    }
}
