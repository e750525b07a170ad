package caravan.warm;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What warming measured for one snapshot: {@code regions.json}. Advisory: nobody restores by it.
 *
 * @param database published name
 * @param snapshot that was warmed
 * @param measuredAt when this was written, in whole seconds
 * @param objects how many there were to fetch in each region
 * @param bytes of them
 * @param regions in the order of {@code caravan.warm.regions}
 * @param cost of it; none if it was not counted
 */
public record RegionsReport(
        DatabaseName database,
        SnapshotId snapshot,
        Instant measuredAt,
        long objects,
        long bytes,
        List<RegionReport> regions,
        Optional<WarmCost> cost) {

    /** Name and version of the format. */
    public static final String FORMAT = "caravan-regions-1";

    /** Most regions that there are. */
    public static final int MAX_REGIONS = 100;

    /** Checks that nothing is null. */
    public RegionsReport {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(measuredAt, "measuredAt");
        requireNonNull(cost, "cost");
        regions = List.copyOf(regions);
        if (regions.size() > MAX_REGIONS) {
            throw new IllegalArgumentException("there are at most " + MAX_REGIONS + " regions");
        }
    }

    /** Nobody counted what it costs. */
    public RegionsReport(
            DatabaseName database,
            SnapshotId snapshot,
            Instant measuredAt,
            long objects,
            long bytes,
            List<RegionReport> regions) {
        this(database, snapshot, measuredAt, objects, bytes, regions, Optional.empty());
    }

    /** The same with {@code counted} as its cost. */
    public RegionsReport withCost(Optional<WarmCost> counted) {
        return new RegionsReport(database, snapshot, measuredAt, objects, bytes, regions, counted);
    }

    /** The same with every region as {@code change} makes it. */
    public RegionsReport withRegions(UnaryOperator<RegionReport> change) {
        return new RegionsReport(
                database,
                snapshot,
                measuredAt,
                objects,
                bytes,
                regions.stream().map(change).toList(),
                cost);
    }

    /** The region that is called {@code name}. */
    public Optional<RegionReport> find(String name) {
        return regions.stream().filter(region -> region.region().equals(name)).findFirst();
    }
}
