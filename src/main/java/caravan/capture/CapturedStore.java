package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseStore;
import java.time.Duration;
import java.util.List;

/**
 * One store of a capture.
 *
 * @param store its line in the manifest's header: path, engine, capture mode, what was verified, chunk size
 * @param databaseIdentity content of {@code IDENTITY}; empty if there is none
 * @param sequence last sequence number in the copy: a measure of progress within one store, not a block height
 * @param retries how often the window was opened in vain before it held
 * @param window how long the window that held was open; the node was running all the time
 * @param notes what an operator may want to know, one sentence each
 */
public record CapturedStore(
        DatabaseStore store, String databaseIdentity, long sequence, int retries, Duration window, List<String> notes) {

    /** Copies the notes. */
    public CapturedStore {
        requireNonNull(store, "store");
        requireNonNull(databaseIdentity, "databaseIdentity");
        requireNonNull(window, "window");
        notes = List.copyOf(notes);
    }
}
