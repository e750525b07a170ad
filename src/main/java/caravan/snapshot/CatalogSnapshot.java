package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * One snapshot in a {@link Catalog}: what its record says of interest to people, and what changed.
 *
 * @param id which state of the database
 * @param network as in the record
 * @param role as in the record
 * @param pruning as in the record
 * @param engines as in the record
 * @param nodeVersion as in the record
 * @param height as in the record
 * @param createdAt as in the record
 * @param retainUntil as in the record
 * @param captureMode as in the record
 * @param pauseMillis as in the record
 * @param verification as in the record
 * @param drill as in the record
 * @param totals as in the record
 * @param change against the snapshot before; none if nobody wrote it down
 */
public record CatalogSnapshot(
        SnapshotId id,
        String network,
        String role,
        String pruning,
        List<Engine> engines,
        String nodeVersion,
        long height,
        Instant createdAt,
        Instant retainUntil,
        String captureMode,
        long pauseMillis,
        String verification,
        String drill,
        ManifestTotals totals,
        List<SnapshotChange> change) {

    /** Copies the lists; nothing is null. */
    public CatalogSnapshot {
        requireNonNull(id, "id");
        requireNonNull(network, "network");
        requireNonNull(role, "role");
        requireNonNull(pruning, "pruning");
        engines = List.copyOf(engines);
        requireNonNull(nodeVersion, "nodeVersion");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(retainUntil, "retainUntil");
        requireNonNull(captureMode, "captureMode");
        requireNonNull(verification, "verification");
        requireNonNull(drill, "drill");
        requireNonNull(totals, "totals");
        change = List.copyOf(change);
        if (height < 0 || pauseMillis < 0) {
            throw new IllegalArgumentException("height and pause are not negative");
        }
        if (change.size() > 1) {
            throw new IllegalArgumentException("one change, or none");
        }
        for (SnapshotChange known : change) {
            if (known.newBytes() + known.reusedBytes() != totals.bytes()) {
                throw new IllegalArgumentException("new and reused bytes are together those of the snapshot");
            }
        }
    }

    /** What {@code record} says. */
    public static CatalogSnapshot of(SnapshotRecord record, List<SnapshotChange> change) {
        return new CatalogSnapshot(
                record.snapshot(),
                record.network(),
                record.role(),
                record.pruning(),
                record.engines(),
                record.nodeVersion(),
                record.height(),
                record.createdAt(),
                record.retainUntil(),
                record.captureMode(),
                record.pauseMillis(),
                record.verification(),
                record.drill(),
                record.totals(),
                change);
    }

    /** The same with another result of a drill. */
    public CatalogSnapshot withDrill(String result) {
        return new CatalogSnapshot(
                id,
                network,
                role,
                pruning,
                engines,
                nodeVersion,
                height,
                createdAt,
                retainUntil,
                captureMode,
                pauseMillis,
                verification,
                result,
                totals,
                change);
    }
}
