package caravan.capture.node;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A way to hold a node still. */
public interface NodeControl {

    /**
     * Checks that the node could be held still now, and changes nothing.
     *
     * @param stores what must stand still
     * @return what would be done to the node, in a few words
     * @throws RefusedException if it could not
     */
    String check(List<LockedStore> stores) throws RefusedException, FailedException;

    /**
     * Prepares a pause: when this returns, the watchdog waits for the order. The node still runs. The caller closes the
     * result.
     */
    NodePause prepare(List<LockedStore> stores) throws CaravanException;

    /** How long the node may stand still. */
    Duration longest();

    /**
     * A store that an engine has open.
     *
     * @param directory real path
     * @param lockFile name of the file in it that the engine locks; empty if it is not known
     */
    record LockedStore(Path directory, String lockFile) {

        Path lock() {
            return directory.resolve(lockFile);
        }
    }
}
