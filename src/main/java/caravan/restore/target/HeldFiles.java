package caravan.restore.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files on which some process holds a lock, of whichever kind: RocksDB locks with fcntl(2), which Java sees, and
 * ParityDB with flock(2), which it does not. Read from {@code /proc/locks} (see proc(5)); empty where that is missing.
 */
final class HeldFiles {

    private static final Path LOCKS = Path.of("/proc/locks");

    private final Map<String, String> holders;

    private HeldFiles(Map<String, String> holders) {
        this.holders = holders;
    }

    /** The locks of this moment. */
    static HeldFiles now() throws IOException {
        return Files.isReadable(LOCKS) ? parse(Files.readAllLines(LOCKS)) : new HeldFiles(Map.of());
    }

    /** Reads lines as {@code 1: POSIX  ADVISORY  WRITE 1234 fe:00:131 0 EOF}. */
    static HeldFiles parse(List<String> lines) {
        Map<String, String> holders = new HashMap<>();
        String self = Long.toString(ProcessHandle.current().pid());
        for (String line : lines) {
            String[] words = line.trim().split("\\s+", -1);
            boolean waitsOnly = words.length > 1 && words[1].equals("->");
            if (words.length >= 6 && !waitsOnly && !words[4].equals(self)) {
                holders.putIfAbsent(words[5], words[4]);
            }
        }
        return new HeldFiles(holders);
    }

    /** Process id of who holds {@code file}; {@code -1} if a lock is held by nobody that can be named. */
    Optional<String> holderOf(Path file) throws IOException {
        if (holders.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> identity = Files.readAttributes(file, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
        return Optional.ofNullable(holders.get(key((Long) identity.get("dev"), (Long) identity.get("ino"))));
    }

    /** Splits the number as glibc's gnu_dev_major(3) and gnu_dev_minor(3) do. */
    static String key(long device, long inode) {
        long major = ((device >>> 8) & 0xFFF) | ((device >>> 32) & ~0xFFFL);
        long minor = (device & 0xFF) | ((device >>> 12) & ~0xFFL);
        return String.format("%02x:%02x:%d", major, minor & 0xFFFFFFFFL, inode);
    }
}
