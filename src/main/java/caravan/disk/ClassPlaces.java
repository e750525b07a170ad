package caravan.disk;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where the classes of this program lie, for the class paths of processes that it starts. */
public final class ClassPlaces {

    private ClassPlaces() {}

    /** The archive or directory that {@code type} was loaded from. */
    public static Path of(Class<?> type) throws IOException {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException("cannot find the program's own classes", e);
        }
    }
}
