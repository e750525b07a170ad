package caravan.capture.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the process that has a store open by the lock it holds: RocksDB takes a POSIX lock on {@code LOCK}, ParityDB
 * another kind ({@code flock}) on {@code lock}. The system lists both, as far as their holders can be seen from here.
 */
final class LockHolders {

    private static final Path LOCKS = Path.of("/proc/locks");

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
        for (long pid : candidates(Files.readAllLines(LOCKS, US_ASCII), (long) facts.get("ino"))) {
            if (hasOpen(pid, facts, lockFile)) {
                addIfAlive(pid, holders);
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

    /**
     * Whoever locks an inode of this number. The device in the list is not that of {@code stat} on btrfs and overlays, so
     * it decides nothing.
     */
    static Set<Long> candidates(List<String> locks, long inode) {
        Set<Long> pids = new TreeSet<>();
        for (String line : locks) {
            String[] words = line.strip().split("\\s+", -1);
            // A second word "->" is somebody who waits for the lock.
            if (words.length >= 6 && !words[1].equals("->") && words[5].endsWith(":" + inode)) {
                long pid = Long.parseLong(words[4]);
                if (pid > 0) {
                    pids.add(pid);
                }
            }
        }
        return pids;
    }

    private static boolean hasOpen(long pid, Map<String, Object> file, Path lockFile)
            throws IOException, RefusedException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path descriptor : open) {
                if (isSame(descriptor, file)) {
                    return true;
                }
            }
            return false;
        } catch (AccessDeniedException e) {
            throw new RefusedException(
                    "process " + pid + " seems to hold the lock " + lockFile + ", but may not be looked at",
                    "run as the node's user",
                    e);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean isSame(Path descriptor, Map<String, Object> file) {
        try {
            return Files.readAttributes(descriptor, "unix:dev,ino").equals(file);
        } catch (IOException e) {
            // A pipe or a socket, or it was closed meanwhile.
            return false;
        }
    }
}
