package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Path;

/** Gives a file a second name; {@link java.nio.file.Files#createLink} outside of tests. */
@FunctionalInterface
interface Linking {

    void link(Path newName, Path existing) throws IOException;
}
