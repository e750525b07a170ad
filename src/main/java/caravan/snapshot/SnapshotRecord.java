package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * What the publisher states, and signs, about one snapshot. It has no expiry: an old snapshot that is kept stays
 * restorable.
 *
 * <p>Texts that are not known are empty.
 *
 * @param database published name
 * @param snapshot which state of it
 * @param network chain the node follows, for example {@code polkadot}
 * @param genesis hash of block 0, {@code 0x…}
 * @param role for example {@code archive} or {@code full}
 * @param pruning for example {@code archive} or {@code 256}
 * @param engines of the stores, in the manifest's order of stores
 * @param nodeVersion as the node says
 * @param height finalized block that the snapshot has at least; 0 if unknown
 * @param heightSource {@code rpc} (asked of the node before the capture) or {@code unknown}
 * @param blockHash of the block at {@code height}
 * @param createdAt when the capture began
 * @param retainUntil until when the publisher promises to keep it
 * @param captureMode of the stores; several different ones are joined by {@code +}
 * @param pauseMillis how long the node stood still for the capture
 * @param verification what was checked before publishing
 * @param drill result of restoring and opening it: {@code none} if that was not done
 * @param totals of the manifest
 * @param manifest {@code manifest.jsonl}, path relative to the snapshot
 * @param chunks {@code chunks.tsv}, path relative to the snapshot
 */
public record SnapshotRecord(
        DatabaseName database,
        SnapshotId snapshot,
        String network,
        String genesis,
        String role,
        String pruning,
        List<Engine> engines,
        String nodeVersion,
        long height,
        String heightSource,
        String blockHash,
        Instant createdAt,
        Instant retainUntil,
        String captureMode,
        long pauseMillis,
        String verification,
        String drill,
        ManifestTotals totals,
        ObjectRef manifest,
        ObjectRef chunks) {

    /** Value of the field {@code format}. */
    public static final String FORMAT = "caravan-record-1";

    /** Copies the list; nothing is null. */
    public SnapshotRecord {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(network, "network");
        requireNonNull(genesis, "genesis");
        requireNonNull(role, "role");
        requireNonNull(pruning, "pruning");
        engines = List.copyOf(engines);
        requireNonNull(nodeVersion, "nodeVersion");
        requireNonNull(heightSource, "heightSource");
        requireNonNull(blockHash, "blockHash");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(retainUntil, "retainUntil");
        requireNonNull(captureMode, "captureMode");
        requireNonNull(verification, "verification");
        requireNonNull(drill, "drill");
        requireNonNull(totals, "totals");
        requireNonNull(manifest, "manifest");
        requireNonNull(chunks, "chunks");
        if (height < 0 || pauseMillis < 0) {
            throw new IllegalArgumentException("height and pause are not negative");
        }
    }

    /** The same with another result of a drill. */
    public SnapshotRecord withDrill(String result) {
        return new SnapshotRecord(
                database,
                snapshot,
                network,
                genesis,
                role,
                pruning,
                engines,
                nodeVersion,
                height,
                heightSource,
                blockHash,
                createdAt,
                retainUntil,
                captureMode,
                pauseMillis,
                verification,
                result,
                totals,
                manifest,
                chunks);
    }
}
