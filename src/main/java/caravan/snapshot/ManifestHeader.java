package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * First line of a manifest.
 *
 * @param database published name
 * @param snapshot which state of it
 * @param stores at least one, no two with the same path
 */
public record ManifestHeader(DatabaseName database, SnapshotId snapshot, List<DatabaseStore> stores) {

    /** Value of the field {@code format}. */
    public static final String FORMAT = "caravan-manifest-1";

    /** Checks the stores. */
    public ManifestHeader {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        stores = List.copyOf(stores);
        if (stores.isEmpty()) {
            throw new IllegalArgumentException("a snapshot has at least one store");
        }
        Set<String> paths = new HashSet<>();
        for (DatabaseStore store : stores) {
            if (!paths.add(store.path())) {
                throw new IllegalArgumentException("two stores with path \"" + store.path() + "\"");
            }
        }
    }

    /** The innermost store that holds {@code file}; none if it lies outside every store. */
    public Optional<DatabaseStore> storeOf(SnapshotPath file) {
        return stores.stream().filter(store -> store.holds(file)).max(Comparator.comparingInt(store -> store.path()
                .length()));
    }

    /** Whether {@code file} makes a store openable, and so is written last in any restore. */
    public boolean isSeal(SnapshotPath file) {
        return stores.stream().anyMatch(store -> store.seal().equals(file.value()));
    }
}
