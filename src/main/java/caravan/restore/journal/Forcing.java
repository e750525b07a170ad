package caravan.restore.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;

/** How files get to the disk; a test looks at the order. */
@FunctionalInterface
public interface Forcing {

    /** fsync(2). */
    Forcing TO_DISK = (place, file) -> file.force(true);

    /** Returns when all that was written to {@code file}, which lies at {@code place} in the tree, is on the disk. */
    void force(String place, FileChannel file) throws IOException;
}
