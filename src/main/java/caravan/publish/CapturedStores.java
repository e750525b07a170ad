package caravan.publish;

import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedStore;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import java.util.Comparator;
import java.util.List;

/**
 * Which stores a capture has, and in which of them a file lies.
 *
 * @param sorted by path, as the manifest lists them
 */
record CapturedStores(List<DatabaseStore> sorted) {

    private static final String CHECKSUMS = "checksums";

    CapturedStores {
        sorted = List.copyOf(sorted);
    }

    static CapturedStores of(CapturedDatabase capture) {
        return new CapturedStores(capture.stores().stream()
                .map(CapturedStore::store)
                .sorted(Comparator.comparing(DatabaseStore::path))
                .toList());
    }

    /** The innermost store in which a file lies. */
    DatabaseStore storeOf(SnapshotPath path) {
        return sorted.stream()
                .filter(store -> store.holds(path))
                .max(Comparator.comparingInt(store -> store.path().length()))
                .orElseThrow(() -> new IllegalStateException(path + " lies in no store"));
    }

    CutRule cutRuleOf(SnapshotPath path) {
        return new CutRule(storeOf(path).chunkSize());
    }

    /** The same, with the statement for every RocksDB that the checksums of its tables were found right, too. */
    CapturedStores withProvenTables() {
        return new CapturedStores(sorted.stream()
                .map(store -> store.engine() == Engine.ROCKSDB ? store.withVerification(CHECKSUMS) : store)
                .toList());
    }
}
