package caravan.app.pipeline;

import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the state directory can be used, before anything is begun that needs it. Looks, and changes nothing: the
 * directory itself may be missing, and is made later.
 */
final class StateRoom {

    /** What a small publication takes, and the library of RocksDB; a large one takes some hundred bytes for each chunk. */
    private static final long LEAST_BYTES = 64L << 20;

    private StateRoom() {}

    static void require(Path state) throws FailedException {
        require(state, LEAST_BYTES);
    }

    /** The same for another amount of room, in bytes. */
    static void require(Path state, long leastBytes) throws FailedException {
        String tried = "use the state directory " + state + ": ";
        Path there = state.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        String hint = "caravan.state-directory names it; it must be a directory that this user can write";
        if (!Files.isDirectory(there)) {
            throw new FailedException(tried + there + " is no directory", hint);
        }
        if (!Files.isWritable(there)) {
            throw new FailedException(tried + there + " cannot be written by this user", hint);
        }
        long free;
        try {
            free = Files.getFileStore(there).getUsableSpace();
        } catch (IOException e) {
            throw new FailedException(tried + e.getMessage(), hint, e);
        }
        // A file system that does not say how much it has may say 0, and take all the same: but not a local one.
        if (free < leastBytes) {
            throw new FailedException(
                    tried + "no space left: " + free + " bytes are free, and it needs " + leastBytes,
                    "free some space there, or let caravan.state-directory name another place");
        }
    }
}
