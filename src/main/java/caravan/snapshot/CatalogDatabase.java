package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One database in a {@link Catalog}.
 *
 * @param name published name
 * @param key fingerprint of the key that signs it, {@code SHA256:} and 43 characters
 * @param expectedBy when there should be a newer snapshot than the newest one here
 * @param snapshots newest first, at least one, no two the same
 */
public record CatalogDatabase(DatabaseName name, String key, Instant expectedBy, List<CatalogSnapshot> snapshots) {

    /** The order in which snapshots are listed. */
    public static final Comparator<CatalogSnapshot> NEWEST_FIRST = Comparator.comparing(
                    (CatalogSnapshot snapshot) -> snapshot.id().createdAt())
            .thenComparing(snapshot -> snapshot.id().height())
            .reversed();

    private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

    /** Checks the fingerprint and the order; copies the list. */
    public CatalogDatabase {
        requireNonNull(name, "name");
        requireNonNull(expectedBy, "expectedBy");
        snapshots = List.copyOf(snapshots);
        if (!FINGERPRINT.matcher(key).matches()) {
            throw new IllegalArgumentException("a key is named by SHA256: and 43 characters of base64");
        }
        if (snapshots.isEmpty()) {
            throw new IllegalArgumentException("database " + name + " has no snapshot");
        }
        for (int at = 1; at < snapshots.size(); at++) {
            CatalogSnapshot before = snapshots.get(at - 1);
            if (NEWEST_FIRST.compare(before, snapshots.get(at)) >= 0) {
                throw new IllegalArgumentException("snapshots are listed once and newest first, but "
                        + snapshots.get(at).id() + " follows " + before.id());
            }
        }
    }

    /** The same with another result of a drill of one of its snapshots. */
    public CatalogDatabase withDrill(SnapshotId snapshot, String result) {
        return new CatalogDatabase(
                name,
                key,
                expectedBy,
                snapshots.stream()
                        .map(each -> each.id().equals(snapshot) ? each.withDrill(result) : each)
                        .toList());
    }
}
