package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

/**
 * One file of a copy, directly in its directory.
 *
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

    static StagedFile of(String name, FileStat stat, boolean writeOnce) {
        return new StagedFile(name, stat.size(), writeOnce, stat.device(), stat.inode(), stat.modifiedNanos());
    }
}
