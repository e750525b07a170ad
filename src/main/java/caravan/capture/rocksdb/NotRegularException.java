package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Path;

/** A name of the engine belongs to something that is not a regular file, so it must not be opened. */
final class NotRegularException extends IOException {

    private static final long serialVersionUID = 1L;

    NotRegularException(Path file) {
        super(file + " is not a regular file");
    }
}
