package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One database in a {@link Catalog}.
 *
 * @param name published name
 * @param key fingerprint of the key that signs it, {@code SHA256:} and 43 characters
 * @param expectedBy when there should be a newer snapshot than the newest one here
 * @param snapshots newest first, at least one, no two the same
 * @param refused the last ones that were found bad, newest first
 */
public record CatalogDatabase(
        DatabaseName name,
        String key,
        Instant expectedBy,
        List<CatalogSnapshot> snapshots,
        List<CatalogRefusal> refused) {

    /** A catalog has room for so many of each database. */
    public static final int MOST_REFUSED = 5;

    /** The order in which snapshots are listed. */
    public static final Comparator<CatalogSnapshot> NEWEST_FIRST = Comparator.comparing(
                    (CatalogSnapshot snapshot) -> snapshot.id().createdAt())
            .thenComparing(snapshot -> snapshot.id().height())
            .reversed();

    private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

    /** Checks the fingerprint and the order; copies the lists, and keeps the newest of those that were found bad. */
    public CatalogDatabase {
        requireNonNull(name, "name");
        requireNonNull(expectedBy, "expectedBy");
        snapshots = List.copyOf(snapshots);
        refused = refused.stream()
                .distinct()
                .sorted(CatalogRefusal.NEWEST_FIRST)
                .limit(MOST_REFUSED)
                .toList();
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

    /** One of which nothing was found bad. */
    public CatalogDatabase(DatabaseName name, String key, Instant expectedBy, List<CatalogSnapshot> snapshots) {
        this(name, key, expectedBy, snapshots, List.of());
    }

    /**
     * The same with another result of a drill of one of its snapshots, which is not named as bad any more if it is
     * good.
     */
    public CatalogDatabase withDrill(SnapshotId snapshot, String result, boolean good) {
        return new CatalogDatabase(
                name,
                key,
                expectedBy,
                snapshots.stream()
                        .map(each -> each.id().equals(snapshot) ? each.withDrill(result) : each)
                        .toList(),
                refused.stream()
                        .filter(each -> !good || !each.id().equals(snapshot))
                        .toList());
    }

    /** The same with these beside those that were found bad before; each is named once, as it was found last. */
    public CatalogDatabase withRefused(List<CatalogRefusal> more) {
        List<CatalogRefusal> all = new ArrayList<>(refused);
        all.addAll(more);
        Map<SnapshotId, CatalogRefusal> newest = new LinkedHashMap<>();
        all.stream().sorted(CatalogRefusal.NEWEST_FIRST).forEach(each -> newest.putIfAbsent(each.id(), each));
        return new CatalogDatabase(name, key, expectedBy, snapshots, List.copyOf(newest.values()));
    }
}
