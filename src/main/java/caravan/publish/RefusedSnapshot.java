package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.SnapshotId;
import java.time.Instant;

/**
 * A snapshot that was found bad and therefore kept out of {@code latest}.
 *
 * @param at when it was refused
 * @param snapshot which one
 * @param why in one line
 */
public record RefusedSnapshot(Instant at, SnapshotId snapshot, String why) {

    /** Nothing is null. */
    public RefusedSnapshot {
        requireNonNull(at, "at");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(why, "why");
    }
}
