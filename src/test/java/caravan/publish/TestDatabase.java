package caravan.publish;

import caravan.snapshot.DatabaseName;
import java.nio.file.Path;
import java.util.List;

/** A database set up as by an operator who says little about it. */
final class TestDatabase {

    static final DatabaseName NAME = new DatabaseName("demo");

    private TestDatabase() {}

    /** Its files are below {@code directory}, its stage, too, and chunks are small. */
    static PublishedDatabase in(Path directory) {
        return in(directory, directory.resolve("stage"), false);
    }

    static PublishedDatabase in(Path root, Path stage, boolean acceptsChangedSource) {
        return new PublishedDatabase(
                NAME,
                root,
                List.of(),
                stage,
                FakeCapture.CHUNK,
                0,
                new Statement("", "", "", ""),
                List.of(),
                acceptsChangedSource);
    }
}
