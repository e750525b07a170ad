package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;

/**
 * One file of a copy.
 *
 * @param name relative to the store's directory
 * @param size bytes that belong to the copy
 * @param writeOnce whether the engine never changes it, so that the copy is the engine's own file under a second name
 * @param device of the file it was taken from
 * @param inode of the file it was taken from
 * @param modifiedNanos of the file it was taken from, nanoseconds since 1970
 */
public record StagedFile(String name, long size, boolean writeOnce, long device, long inode, long modifiedNanos) {

    /** Checks that nothing is missing. */
    public StagedFile {
        requireNonNull(name, "name");
    }

    /** The file at {@code path} as it is now; no link is followed. */
    public static StagedFile of(Path path, String name, boolean writeOnce) throws IOException {
        return of(name, FileStat.of(path), writeOnce);
    }

    /** The same file on the device it was on when the snapshot was made that it was read from. */
    public StagedFile on(long otherDevice) {
        return new StagedFile(name, size, writeOnce, otherDevice, inode, modifiedNanos);
    }

    static StagedFile of(String name, FileStat stat, boolean writeOnce) {
        return new StagedFile(name, stat.size(), writeOnce, stat.device(), stat.inode(), stat.modifiedNanos());
    }
}
