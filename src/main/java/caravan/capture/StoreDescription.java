package caravan.capture;

import caravan.capture.rocksdb.RocksDbCopy;
import caravan.snapshot.DatabaseStore;
import java.time.Duration;
import java.util.List;

/**
 * What a manifest will say about a store.
 *
 * @param mode how it is captured
 */
record StoreDescription(StoreLocation store, String mode, long chunkSize) {

    /** What is proven of a RocksDB: MANIFEST, live files and write-ahead logs, but not the content of tables. */
    static final String STRUCTURE = "structure";

    /** What is proven of another engine: names and sizes, and that the capture was made by the rules. */
    static final String PROTOCOL = "protocol";

    static StoreDescription of(CaptureRequest request, StoreLocation store, String mode) {
        return new StoreDescription(store, mode, request.chunkSizeOf(store.engine()));
    }

    CapturedStore captured(RocksDbCopy copy) {
        return new CapturedStore(
                new DatabaseStore(store.path(), store.engine(), mode, STRUCTURE, chunkSize),
                copy.databaseIdentity(),
                copy.sequence(),
                copy.retries(),
                copy.window(),
                copy.notes());
    }

    CapturedStore captured(List<String> notes) {
        return new CapturedStore(
                new DatabaseStore(store.path(), store.engine(), mode, PROTOCOL, chunkSize),
                "",
                0,
                0,
                Duration.ZERO,
                notes);
    }
}
