package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * A proven copy of one RocksDB.
 *
 * @param files each once, in no particular order
 * @param databaseIdentity content of IDENTITY; empty if there is none
 * @param sequence last sequence number in the copy
 * @param retries how often the window was opened in vain
 * @param window how long the one that held was open
 * @param notes what an operator may want to know, one sentence each
 */
public record RocksDbCopy(
        List<StagedFile> files,
        String databaseIdentity,
        long sequence,
        int retries,
        Duration window,
        List<String> notes) {

    /** Copies the lists. */
    public RocksDbCopy {
        files = List.copyOf(files);
        requireNonNull(databaseIdentity, "databaseIdentity");
        requireNonNull(window, "window");
        notes = List.copyOf(notes);
    }
}
