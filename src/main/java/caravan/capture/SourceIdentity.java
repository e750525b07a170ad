package caravan.capture;

import static java.util.Objects.requireNonNull;

/**
 * What tells one state of a file in the node's directory from any other without reading it, taken while the capture
 * held the file. Only for a write-once file does an equal identity mean equal content.
 *
 * @param sourcePath absolute path in the node's directory
 * @param device number of the device, as {@code stat} gives it
 * @param inode number of the file on the device
 * @param size bytes; of a file that grows, those that belong to the capture
 * @param modifiedNanos last modification, nanoseconds since 1970
 * @param databaseIdentity content of the store's {@code IDENTITY}; empty if it has none
 */
public record SourceIdentity(
        String sourcePath, long device, long inode, long size, long modifiedNanos, String databaseIdentity) {

    /** Checks that nothing is missing. */
    public SourceIdentity {
        requireNonNull(sourcePath, "sourcePath");
        requireNonNull(databaseIdentity, "databaseIdentity");
    }
}
