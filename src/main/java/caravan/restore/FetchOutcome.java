package caravan.restore;

import caravan.snapshot.DatabaseStore;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Path;
import java.util.List;

/**
 * What a restore did.
 *
 * @param record of the snapshot that the directory now holds
 * @param directory the target
 * @param changed whether anything was written to it
 * @param bytesKept found in place and right
 * @param bytesRecognised of these, those whose files were recognised by name, size and time and not read
 * @param bytesFetched of chunks, as stored, failed attempts included
 * @param replaced directories that now hold what was moved out of the way
 * @param stores that the directory now holds, sorted by path
 */
public record FetchOutcome(
        SnapshotRecord record,
        Path directory,
        boolean changed,
        long bytesKept,
        long bytesRecognised,
        long bytesFetched,
        List<Path> replaced,
        List<DatabaseStore> stores) {

    /** Copies the lists. */
    public FetchOutcome {
        replaced = List.copyOf(replaced);
        stores = List.copyOf(stores);
    }
}
