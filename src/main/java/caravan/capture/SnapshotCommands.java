package caravan.capture;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How an operator's file system makes a snapshot, and where it appears.
 *
 * @param make a shell command that makes it
 * @param release a shell command that removes it; it must be harmless when there is none
 * @param directory where the database's root is then, inside the snapshot
 * @param limit how long a command may take
 */
public record SnapshotCommands(String make, String release, Path directory, Duration limit) {

    /** Checks that nothing is missing. */
    public SnapshotCommands {
        if (make.isBlank() || release.isBlank()) {
            throw new IllegalArgumentException("a snapshot is made by one command and removed by another");
        }
        requireNonNull(directory, "directory");
        requireNonNull(limit, "limit");
    }
}
