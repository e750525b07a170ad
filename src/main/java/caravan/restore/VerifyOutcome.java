package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import java.util.List;

/**
 * What a check found.
 *
 * @param header which snapshot it was held against
 * @param totals of the snapshot
 * @param faultCount differences found; 0 means that all is right
 * @param faults the first of them, one line each
 */
public record VerifyOutcome(ManifestHeader header, ManifestTotals totals, long faultCount, List<String> faults) {

    /** Copies the list. */
    public VerifyOutcome {
        requireNonNull(header, "header");
        requireNonNull(totals, "totals");
        faults = List.copyOf(faults);
    }
}
