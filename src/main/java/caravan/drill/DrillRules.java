package caravan.drill;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * How drills are made.
 *
 * @param directory where snapshots are restored; each database has a directory of its own in it
 * @param keepsCopy whether the restored copy stays for the next drill, which then fetches what differs
 * @param freeSpaceFloor bytes that a drill must leave free there
 * @param checksums whether every block of every table is compared with its checksum once more
 */
public record DrillRules(Path directory, boolean keepsCopy, long freeSpaceFloor, boolean checksums) {

    /** Nothing is null. */
    public DrillRules {
        requireNonNull(directory, "directory");
    }
}
