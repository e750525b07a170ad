package caravan.snapshot;

import java.util.List;

/**
 * What is new in a snapshot, in bytes of its files. Chunks count as often as they occur, so both numbers together are
 * the snapshot's size.
 *
 * @param since the snapshot before; none if this is the first
 * @param newBytes in chunks that the snapshot before does not have
 * @param reusedBytes in chunks that it has
 */
public record SnapshotChange(List<SnapshotId> since, long newBytes, long reusedBytes) {

    /** Copies the list. */
    public SnapshotChange {
        since = List.copyOf(since);
        if (since.size() > 1) {
            throw new IllegalArgumentException("one snapshot before, or none");
        }
        if (newBytes < 0 || reusedBytes < 0) {
            throw new IllegalArgumentException("sizes are not negative");
        }
    }
}
