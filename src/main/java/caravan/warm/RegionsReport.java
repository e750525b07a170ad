package caravan.warm;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.time.Instant;
import java.util.List;

/**
 * What warming measured for one snapshot: {@code regions.json}. Advisory: nobody restores by it.
 *
 * @param database published name
 * @param snapshot that was warmed
 * @param measuredAt when this was written, in whole seconds
 * @param objects how many there were to fetch in each region
 * @param bytes of them
 * @param regions in the order of {@code caravan.warm.regions}
 */
public record RegionsReport(
        DatabaseName database,
        SnapshotId snapshot,
        Instant measuredAt,
        long objects,
        long bytes,
        List<RegionReport> regions) {

    /** Name and version of the format. */
    public static final String FORMAT = "caravan-regions-1";

    /** Most regions that there are. */
    public static final int MAX_REGIONS = 100;

    /** Checks that nothing is null. */
    public RegionsReport {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(measuredAt, "measuredAt");
        regions = List.copyOf(regions);
        if (regions.size() > MAX_REGIONS) {
            throw new IllegalArgumentException("there are at most " + MAX_REGIONS + " regions");
        }
    }
}
