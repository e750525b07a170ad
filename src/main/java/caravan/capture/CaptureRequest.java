package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to capture, and where to.
 *
 * @param database published name; the stage remembers it
 * @param root the database's root, for example {@code <base>/chains/<id>}; every path of a snapshot is relative to it
 * @param stores directories below the root that are stores, {@code "."} for the root itself; empty to look in the
 *     places where a Substrate node keeps them
 * @param stage directory for the copy, on the same mount as every store and outside the root; it is created, and
 *     removed when the capture is closed. {@link #stageBeside} is the default place
 * @param chunkSizes bytes of a chunk where it is not {@link Engine#defaultChunkSize}; passed through to the stores
 * @param freeSpaceFloorBytes a capture that would leave less free space than this on the stage's mount is refused
 */
public record CaptureRequest(
        DatabaseName database,
        Path root,
        List<String> stores,
        Path stage,
        Map<Engine, Long> chunkSizes,
        long freeSpaceFloorBytes) {

    /** Copies the collections. */
    public CaptureRequest {
        requireNonNull(database, "database");
        requireNonNull(root, "root");
        stores = List.copyOf(stores);
        requireNonNull(stage, "stage");
        chunkSizes = Map.copyOf(chunkSizes);
        if (freeSpaceFloorBytes < 0) {
            throw new IllegalArgumentException("a free space floor is 0 or more bytes, not " + freeSpaceFloorBytes);
        }
    }

    /** A request with every default: stores are discovered, the stage is {@link #stageBeside} the root, no floor. */
    public static CaptureRequest of(DatabaseName database, Path root) {
        return new CaptureRequest(database, root, List.of(), stageBeside(root, database), Map.of(), 0);
    }

    /** The default stage: a sibling of the root called {@code .caravan-<name>}. */
    public static Path stageBeside(Path root, DatabaseName database) {
        return root.toAbsolutePath().normalize().resolveSibling(".caravan-" + database.value());
    }

    long chunkSizeOf(Engine engine) {
        return chunkSizes.getOrDefault(engine, engine.defaultChunkSize());
    }
}
