package caravan.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person looks at standard error. */
public final class Terminal {

    private Terminal() {}

    /**
     * Known where the open file can be looked at, which is on Linux. {@link System#console} is no help: from JDK 22 on
     * it answers also where there is no terminal.
     */
    public static boolean isWatched() {
        try {
            String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
