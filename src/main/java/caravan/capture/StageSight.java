package caravan.capture;

import caravan.capture.node.NodeSight;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies in a stage now, looked at without a change, also while a capture is in it.
 *
 * @param ours whether a capture made it; otherwise the rest is not known
 * @param used whether the capture that it belongs to is alive
 * @param files how many it holds
 * @param pinned bytes of those that have no other name any more, so that they take space for the stage alone
 */
public record StageSight(boolean ours, boolean used, long files, long pinned) {

    private static final Logger LOG = LoggerFactory.getLogger(StageSight.class);

    /**
     * Looks into the directory {@code stage}; what goes away meanwhile does not count.
     *
     * @throws RefusedException if this user may not see whether it is used
     */
    public static StageSight of(Path stage) throws IOException, RefusedException {
        if (!Files.exists(stage.resolve(StageDirectory.MARKER), LinkOption.NOFOLLOW_LINKS)) {
            return new StageSight(false, false, 0, 0);
        }
        boolean used = false;
        long files = 0;
        long pinned = 0;
        for (Path entry : entriesOf(stage)) {
            try {
                if (entry.getFileName().toString().startsWith(StageDirectory.LOCK_PREFIX)) {
                    used |= !NodeSight.of(List.of(entry), Optional.empty())
                            .processes()
                            .isEmpty();
                } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    List<Path> staged = entriesOf(entry);
                    files += staged.size();
                    pinned += pinned(staged);
                }
            } catch (NoSuchFileException e) {
                LOG.debug("a capture that ended meanwhile took {} away", entry);
            }
        }
        return new StageSight(true, used, files, pinned);
    }

    private static long pinned(List<Path> files) throws IOException {
        long bytes = 0;
        for (Path file : files) {
            Map<String, Object> facts = Files.readAttributes(file, "unix:nlink,size", LinkOption.NOFOLLOW_LINKS);
            bytes += (int) facts.get("nlink") == 1 ? (long) facts.get("size") : 0;
        }
        return bytes;
    }

    private static List<Path> entriesOf(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }
}
