package caravan.doctor;

import caravan.capture.FoundStore;
import caravan.failure.CaravanException;
import caravan.publish.PublishedDatabase;
import caravan.restore.target.Space;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of a database that have a name elsewhere, although no capture is there: their space is not freed with them. */
public final class LinksCheck implements Examination {

    private static final Logger LOG = LoggerFactory.getLogger(LinksCheck.class);

    private final PublishedDatabase database;

    /** Those of {@code database}. */
    public LinksCheck(PublishedDatabase database) {
        this.database = database;
    }

    @Override
    public String subject() {
        return "capture";
    }

    @Override
    public String about() {
        return database.name().value();
    }

    /** Tells nothing if there is nothing to tell. */
    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        if (Files.exists(database.stage(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        for (FoundStore store : FoundStore.in(database.root(), database.stores())) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(store.directory())) {
                lookAt(store.directory(), files, findings);
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
    }

    private static void lookAt(Path directory, Iterable<Path> files, Findings findings) throws IOException {
        int linked = 0;
        long bytes = 0;
        Path example = directory;
        for (Path file : files) {
            try {
                Map<String, Object> facts =
                        Files.readAttributes(file, "unix:nlink,size,isRegularFile", LinkOption.NOFOLLOW_LINKS);
                if ((boolean) facts.get("isRegularFile") && (int) facts.get("nlink") > 1) {
                    linked++;
                    bytes += (long) facts.get("size");
                    example = file;
                }
            } catch (NoSuchFileException e) {
                LOG.debug("the node has just deleted {}", file);
            }
        }
        if (linked > 0) {
            findings.note(
                    linked + " files in " + directory + " (" + Space.shown(bytes)
                            + ") have another name that no capture gave them: when the node deletes them, their space stays"
                            + " taken",
                    "a checkpoint or a backup has them; find it: find / -xdev -samefile " + example);
        }
    }
}
