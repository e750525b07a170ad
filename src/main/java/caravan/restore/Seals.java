package caravan.restore;

import caravan.restore.target.TargetTree;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.SnapshotPath;
import java.util.ArrayList;
import java.util.List;

/** The files that make stores openable, and where they wait until everything else is on the disk. */
final class Seals {

    private final List<String> paths = new ArrayList<>();

    Seals(List<DatabaseStore> stores) {
        stores.forEach(store -> paths.add(store.seal()));
    }

    boolean isSeal(SnapshotPath file) {
        return paths.contains(file.value());
    }

    /** Where the file is built. */
    String placeOf(SnapshotPath file) {
        int store = paths.indexOf(file.value());
        return store < 0 ? file.value() : TargetTree.WORK + "/seal-" + store;
    }
}
