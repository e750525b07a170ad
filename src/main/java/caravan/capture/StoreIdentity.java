package caravan.capture;

import caravan.capture.rocksdb.StillRocksDb;
import java.io.IOException;
import java.nio.file.Path;

/** By which name of its own an engine knows a store: two databases of one chain have two, a copy keeps its own. */
public final class StoreIdentity {

    private StoreIdentity() {}

    /**
     * The identity of the store in {@code directory}, which is only read; one word, as in
     * {@link CapturedStore#databaseIdentity}. Empty if it has none, as every ParityDB, or is not there.
     */
    public static String of(Path directory) throws IOException {
        return StillRocksDb.identityIn(directory);
    }
}
