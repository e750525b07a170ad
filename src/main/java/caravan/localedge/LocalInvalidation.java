package caravan.localedge;

import java.time.Instant;
import java.util.List;

/**
 * An invalidation that somebody asked for.
 *
 * @param id given to it
 * @param callerReference by which the caller knows it
 * @param paths as given
 * @param createdAt when
 * @param completed whether every edge has forgotten the paths
 */
public record LocalInvalidation(
        String id, String callerReference, List<String> paths, Instant createdAt, boolean completed) {

    /** Copies the paths. */
    public LocalInvalidation {
        paths = List.copyOf(paths);
    }

    LocalInvalidation complete() {
        return new LocalInvalidation(id, callerReference, paths, createdAt, true);
    }

    /** Whether an object with this key is meant. A path that ends with {@code *} means all that begin like it. */
    boolean covers(String key) {
        return paths.stream()
                .anyMatch(path ->
                        path.endsWith("*") ? key.startsWith(path.substring(0, path.length() - 1)) : key.equals(path));
    }
}
