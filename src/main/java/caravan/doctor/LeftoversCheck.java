package caravan.doctor;

import caravan.capture.StageSight;
import caravan.failure.CaravanException;
import caravan.publish.PublishedDatabase;
import caravan.restore.target.Space;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** What a capture that was killed left beside a database. */
public final class LeftoversCheck implements Examination {

    private final PublishedDatabase database;

    /** Beside {@code database}. */
    public LeftoversCheck(PublishedDatabase database) {
        this.database = database;
    }

    @Override
    public String subject() {
        return "stage";
    }

    @Override
    public String about() {
        return database.name().value();
    }

    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        Path stage = database.stage();
        if (!Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS)) {
            findings.ok("no capture is under way, and none was left");
            return;
        }
        StageSight sight = StageSight.of(stage);
        if (!sight.ours()) {
            if (isEmpty(stage)) {
                findings.ok(stage + " is empty");
                return;
            }
            findings.wrong(
                    Findings.REFUSED,
                    stage + " holds something that no capture put there, so nothing can be captured",
                    "move it away, or name another place in caravan.database." + database.name() + ".stage-directory");
        } else if (sight.used()) {
            findings.ok("a capture is under way in " + stage + ": " + sight.files() + " files, "
                    + Space.shown(sight.pinned()) + " that the node has deleted since");
        } else {
            findings.note(
                    "a capture that was killed left " + sight.files() + " files in " + stage + ", which keep "
                            + Space.shown(sight.pinned()) + " from being freed",
                    "the next publication removes them: caravan publish " + database.name());
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }
}
