package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.SnapshotRecord;
import java.nio.file.Path;
import java.util.List;

/**
 * What a repair found and did. Whatever was found is mended.
 *
 * @param record of the snapshot that the directory now holds
 * @param directory the one that was repaired
 * @param changed whether anything was written to it
 * @param faultCount differences that were found
 * @param faults the first of them, one line each
 * @param bytesFetched of chunks, as stored, failed attempts included
 * @param replaced directories that now hold what was moved out of the way
 */
public record RepairOutcome(
        SnapshotRecord record,
        Path directory,
        boolean changed,
        long faultCount,
        List<String> faults,
        long bytesFetched,
        List<Path> replaced) {

    /** Copies the lists. */
    public RepairOutcome {
        requireNonNull(record, "record");
        requireNonNull(directory, "directory");
        faults = List.copyOf(faults);
        replaced = List.copyOf(replaced);
    }
}
