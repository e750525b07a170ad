package caravan.app.routing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code file:} endpoint. Left to its defaults, Camel's file consumer moves every file that it has read into {@code
 * .camel} and creates lock files beside the others, which would destroy a node's database.
 *
 * @param directory that it reads or writes
 * @param options of the endpoint
 */
record FileConsumer(Path directory, Map<String, String> options) {

    /** Options that make a consumer look without touching, and their only safe values. */
    private static final Map<String, String> HARMLESS = Map.of(
            "noop", "true",
            "readLock", "none",
            "autoCreate", "false",
            "recursive", "false",
            "startingDirectoryMustExist", "true",
            "include", "CURRENT");

    /** Options that say when to look. Any other might move, lock or delete. */
    private static final Set<String> TIMES =
            Set.of("delay", "initialDelay", "timeUnit", "useFixedDelay", "idempotent", "idempotentKey");

    private static final List<String> KEY_PARTS = List.of("file:name", "file:modified", "file:size");

    static FileConsumer of(String uri) {
        int options = uri.indexOf('?');
        String path = (options < 0 ? uri : uri.substring(0, options)).substring("file:".length());
        // Camel reads file:/x and file:///x as absolute, file:x and file://x as relative.
        Path directory = Path.of(path.startsWith("//") ? path.substring(2) : path);
        return new FileConsumer(real(directory), EndpointUri.optionsOf(uri));
    }

    /** Whether this endpoint reaches into {@code database}: it lies inside, or above and goes down. */
    boolean overlaps(Path database) {
        Path root = real(database);
        boolean goesDown = "true".equals(options.get("recursive"));
        return directory.startsWith(root) || (goesDown && root.startsWith(directory));
    }

    /** What could harm one of {@code databases}; nothing if this directory is none of theirs. */
    List<String> faultsIn(Collection<Path> databases) {
        List<String> faults = new ArrayList<>();
        if (databases.stream().noneMatch(this::overlaps)) {
            return faults;
        }
        HARMLESS.forEach((option, safe) -> {
            if (!safe.equals(options.get(option))) {
                faults.add("reads a node's directory " + directory + " and must have " + option + "=" + safe);
            }
        });
        String key = options.getOrDefault("idempotentKey", "");
        if (!KEY_PARTS.stream().allMatch(key::contains)) {
            faults.add("reads a node's directory " + directory
                    + " and must have an idempotentKey of file:name, file:modified and file:size");
        }
        options.keySet().stream()
                .filter(option -> !HARMLESS.containsKey(option) && !TIMES.contains(option))
                .forEach(
                        option -> faults.add("reads a node's directory " + directory + " and must not have " + option));
        return faults;
    }

    /** By symbolic links, too, a directory is the one it is. */
    private static Path real(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            return absolute.toRealPath();
        } catch (IOException e) {
            return absolute;
        }
    }
}
