package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.restore.target.Ownership;

/**
 * What to restore, and how.
 *
 * @param from where it is published
 * @param into where it goes
 * @param ownership to whom it is given
 * @param expectations what it must be
 * @param everyByte whether to hash also those files that are recognised by name, size and time
 */
public record FetchRequest(
        SnapshotLocation from, Destination into, Ownership ownership, Expectations expectations, boolean everyByte) {

    /** Checks that all is there. */
    public FetchRequest {
        requireNonNull(from, "from");
        requireNonNull(into, "into");
        requireNonNull(ownership, "ownership");
        requireNonNull(expectations, "expectations");
    }
}
