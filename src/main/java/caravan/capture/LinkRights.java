package caravan.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this process may link a file, as far as that can be seen without a link (proc_sys_fs(5)). */
final class LinkRights {

    private static final Path PROTECTED = Path.of("/proc/sys/fs/protected_hardlinks");

    private LinkRights() {}

    /** Refuses a store whose files belong to somebody else and may not be written, where the system protects them. */
    static void require(StoreLocation store) throws IOException, RefusedException {
        Path file = store.directory().resolve("CURRENT");
        if (!Files.isReadable(PROTECTED)
                || Files.readString(PROTECTED, US_ASCII).strip().equals("0")
                || (Files.isReadable(file) && Files.isWritable(file))) {
            return;
        }
        Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Object owner = Files.getAttribute(file, "unix:uid");
        if (!own.equals(owner)) {
            throw new RefusedException(
                    store.directory() + " belongs to user " + owner + ", and user " + own + " may not link its files",
                    "run as the node's user (its uid): with fs.protected_hardlinks=1 only the owner, or who may read"
                            + " and write a file, may link it; or see \"Rights\" in docs/capture.md for a hook");
        }
    }
}
