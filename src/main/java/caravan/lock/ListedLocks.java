package caravan.lock;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The locks on files that the system lists in {@code /proc/locks} (see proc(5)), of every kind: fcntl(2), which Java
 * sees, and flock(2), which it does not. Empty where there is no such list; without those of processes in other
 * containers.
 */
public final class ListedLocks {

    private static final Path LOCKS = Path.of("/proc/locks");

    private final Map<Long, List<Listed>> byInode;

    private ListedLocks(Map<Long, List<Listed>> byInode) {
        this.byInode = byInode;
    }

    /**
     * A lock that somebody holds.
     *
     * @param pid of who took it, who may have ended; not above 0 if the list does not say
     * @param device of the file system, as the list prints it; on btrfs and overlays it is not that of stat(2)
     */
    public record Listed(long pid, String device) {}

    /** The locks of this moment. */
    public static ListedLocks now() throws IOException {
        return Files.isReadable(LOCKS) ? parse(Files.readAllLines(LOCKS, US_ASCII)) : parse(List.of());
    }

    /** Reads lines as {@code 1: POSIX  ADVISORY  WRITE 1234 fe:00:131 0 EOF}; others say nothing. */
    public static ListedLocks parse(List<String> lines) {
        Map<Long, List<Listed>> byInode = new HashMap<>();
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", -1);
            // A second word "->" is somebody who waits for the lock.
            if (words.length < 6 || words[1].equals("->") || !words[4].matches("-?\\d{1,9}")) {
                continue;
            }
            int end = words[5].lastIndexOf(':');
            if (end > 0 && words[5].substring(end + 1).matches("\\d{1,20}")) {
                long inode = Long.parseUnsignedLong(words[5].substring(end + 1));
                byInode.computeIfAbsent(inode, key -> new ArrayList<>())
                        .add(new Listed(Long.parseLong(words[4]), words[5].substring(0, end)));
            }
        }
        return new ListedLocks(byInode);
    }

    /** Those on files with this number, on whichever file system. */
    public List<Listed> on(long inode) {
        return byInode.getOrDefault(inode, List.of());
    }
}
