package caravan.capture.node;

import caravan.failure.RefusedException;
import caravan.lock.ListedLocks;
import caravan.lock.ListedLocks.Listed;
import caravan.lock.OpenFiles;
import caravan.lock.OpenFiles.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the process that has a store open by the lock it holds: RocksDB takes a POSIX lock on {@code LOCK}, ParityDB
 * another kind ({@code flock}) on {@code lock}. The system lists both, as far as their holders can be seen from here.
 */
final class LockHolders {

    private LockHolders() {}

    /**
     * The processes that hold a lock on {@code lockFile}; none if nobody does, or nobody who can be seen.
     *
     * @throws RefusedException if a process seems to hold it and it is not permitted to find out
     */
    static Set<NodeProcess> of(Path lockFile) throws IOException, RefusedException {
        Set<NodeProcess> holders = new LinkedHashSet<>();
        if (!Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS)) {
            return holders;
        }
        Map<String, Object> facts = Files.readAttributes(lockFile, "unix:dev,ino");
        // The device in the list is not that of stat on btrfs and overlays, so it decides nothing.
        for (Listed lock : ListedLocks.now().on((long) facts.get("ino"))) {
            if (lock.pid() > 0 && hasOpen(lock.pid(), facts, lockFile)) {
                addIfAlive(lock.pid(), holders);
            }
        }
        return holders;
    }

    private static void addIfAlive(long pid, Set<NodeProcess> holders) throws IOException {
        try {
            holders.add(NodeProcess.of(pid));
        } catch (NoSuchFileException e) {
            // It has ended, and its lock with it.
            return;
        }
    }

    private static boolean hasOpen(long pid, Map<String, Object> file, Path lockFile)
            throws IOException, RefusedException {
        Seen seen = OpenFiles.ofSystem().look(pid, file);
        if (seen == Seen.HIDDEN) {
            throw new RefusedException(
                    "process " + pid + " seems to hold the lock " + lockFile + ", but may not be looked at",
                    "run as the node's user");
        }
        return seen == Seen.OPEN;
    }
}
