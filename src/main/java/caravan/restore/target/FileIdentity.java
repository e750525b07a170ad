package caravan.restore.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What a file looks like from outside: if two looks are the same, nobody wrote to it in between, as far as the system
 * tells. Times are nanoseconds since 1970.
 *
 * @param inode number of the file in its file system; not the device, whose number may change with a reboot
 * @param size bytes
 * @param modified time of the last write
 * @param changed time of the last change of content, times, owner, mode or names, which nobody can set (ctime)
 */
public record FileIdentity(long inode, long size, long modified, long changed) {

    /** Coarsest clock that we expect a file system to stamp files with. */
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    /** The look of the regular file at {@code path}; none if there is no such file. Follows no link. */
    public static Optional<FileIdentity> of(Path path) throws IOException {
        try {
            Map<String, Object> facts = Files.readAttributes(
                    path, "unix:ino,size,lastModifiedTime,ctime,isRegularFile", LinkOption.NOFOLLOW_LINKS);
            if (!(Boolean) facts.get("isRegularFile")) {
                return Optional.empty();
            }
            return Optional.of(new FileIdentity(
                    (Long) facts.get("ino"),
                    (Long) facts.get("size"),
                    nanos(facts.get("lastModifiedTime")),
                    nanos(facts.get("ctime"))));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        }
    }

    /** Whether the file at {@code path}, which is there, has hard links elsewhere: who writes to it writes to them. */
    public static boolean hasOtherNames(Path path) throws IOException {
        Object links = Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return links instanceof Integer count && count > 1;
    }

    /** Whether a write at {@code now} would be seen: it would get another time than the last one did. */
    public boolean isQuiet(Instant now) {
        long at = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        return at - Math.max(modified, changed) >= TICK;
    }

    /** Whether this is the same file with the same content, whoever may own it now. */
    public boolean hasContentOf(FileIdentity other) {
        return inode == other.inode && size == other.size && modified == other.modified;
    }

    private static long nanos(Object time) {
        return ((FileTime) time).to(TimeUnit.NANOSECONDS);
    }
}
