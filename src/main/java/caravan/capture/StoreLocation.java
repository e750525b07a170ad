package caravan.capture;

import caravan.snapshot.Engine;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where a store of a database is.
 *
 * @param path relative to the root, as in the snapshot; empty for the root itself
 * @param directory real path
 * @param names every path by which the engine may know the directory
 */
record StoreLocation(String path, Path directory, Set<Path> names, Engine engine) {}
