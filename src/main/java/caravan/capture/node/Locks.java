package caravan.capture.node;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The locks of all stores of a node together. */
final class Locks {

    private final List<LockedStore> stores;

    /** Stores whose engine is not known have none. */
    Locks(List<LockedStore> stores) {
        this.stores =
                stores.stream().filter(store -> !store.lockFile().isEmpty()).toList();
    }

    /** Every process that has one of the stores open, as far as it can be seen. */
    Set<NodeProcess> holders() throws IOException, RefusedException {
        Set<NodeProcess> holders = new LinkedHashSet<>();
        for (LockedStore store : stores) {
            holders.addAll(LockHolders.of(store.lock()));
        }
        for (NodeProcess holder : holders) {
            if (holder.pid() == ProcessHandle.current().pid()) {
                throw new RefusedException(
                        "this process has the database open itself",
                        "another publication of it is under way here: wait until it has ended");
            }
        }
        return holders;
    }

    List<Path> files() {
        return stores.stream().map(LockedStore::lock).toList();
    }

    @Override
    public String toString() {
        return String.join(
                ", ", stores.stream().map(store -> store.lock().toString()).toList());
    }
}
