package caravan.capture;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import java.nio.file.Path;
import java.util.List;

/**
 * A store as it is found in a database.
 *
 * @param path relative to the root; empty for the root itself
 * @param directory its real path
 * @param engine whose files it holds
 */
public record FoundStore(String path, Path directory, Engine engine) {

    /**
     * The stores below {@code root}, at least one; changes nothing.
     *
     * @param configured paths relative to the root; empty to look where nodes keep them
     * @throws RefusedException if there is none, or it could not be captured safely
     */
    public static List<FoundStore> in(Path root, List<String> configured) throws RefusedException, FailedException {
        return new StoreDiscovery(root)
                .find(configured).stream()
                        .map(store -> new FoundStore(store.path(), store.directory(), store.engine()))
                        .toList();
    }
}
