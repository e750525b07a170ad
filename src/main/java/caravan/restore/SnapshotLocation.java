package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.WrongUsageException;
import caravan.restore.source.SourcePool;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.util.List;

/**
 * Where a database is published, and which snapshot of it is meant.
 *
 * @param base URL of the bucket's prefix without a slash at the end ({@code http}, {@code https}, {@code file}), or
 *     the path of a directory
 * @param database published name
 * @param snapshots the one that is meant; empty for the latest
 */
public record SnapshotLocation(String base, DatabaseName database, List<SnapshotId> snapshots) {

    private static final String HINT =
            "write <base>/<database> or <base>/<database>/<snapshot>, as https://snapshots.example.org/polkadot";

    /** Checks that at most one snapshot is meant. */
    public SnapshotLocation {
        requireNonNull(base, "base");
        requireNonNull(database, "database");
        snapshots = List.copyOf(snapshots);
        if (snapshots.size() > 1) {
            throw new IllegalArgumentException("one snapshot, or the latest");
        }
    }

    /**
     * Reads what a user gives as URL.
     *
     * @throws WrongUsageException if it is not one of the two forms, or has a user name, a query or a fragment
     */
    public static SnapshotLocation parse(String url) throws WrongUsageException {
        String text = url;
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        String parent = parentOf(text);
        String name = nameOf(text);
        try {
            try {
                SnapshotId snapshot = SnapshotId.parse(name);
                return of(parentOf(parent), nameOf(parent), List.of(snapshot));
            } catch (IllegalArgumentException notASnapshot) {
                return of(parent, name, List.of());
            }
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "the URL " + PublishedBase.withoutUser(url) + " is of no use: " + e.getMessage(), HINT, e);
        }
    }

    private static SnapshotLocation of(String base, String database, List<SnapshotId> snapshots) {
        if (base.isEmpty()) {
            throw new IllegalArgumentException("nothing stands before the database's name");
        }
        PublishedBase.check(base);
        return new SnapshotLocation(base, new DatabaseName(database), snapshots);
    }

    /** A source of the objects below the base and of those of all mirrors; the caller closes it. */
    SourcePool open(ClientSettings settings) throws WrongUsageException {
        return new PublishedBase(base).open(settings);
    }

    private static String parentOf(String text) {
        int slash = text.lastIndexOf('/');
        return slash <= 0 ? text.substring(0, slash + 1) : text.substring(0, slash);
    }

    private static String nameOf(String text) {
        return text.substring(text.lastIndexOf('/') + 1);
    }
}
