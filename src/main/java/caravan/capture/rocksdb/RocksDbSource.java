package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Set;

/**
 * The directory of a RocksDB that a node may be writing.
 *
 * @param directory real path
 * @param names every path by which the engine may know it, for its setting {@code wal_dir}
 */
public record RocksDbSource(Path directory, Set<Path> names) {

    /** Copies the names. */
    public RocksDbSource {
        requireNonNull(directory, "directory");
        names = Set.copyOf(names);
    }
}
