package caravan.restore.target;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Finds out by trying whether somebody holds a file by flock(2), which Java cannot do and flock(1) can. So a process in
 * another container is found out, too, whose locks the system does not list for us.
 */
final class FlockTrial {

    private static final int HELD = 75;
    private static final int HELD_OR_NO_SUCH_OPTION = 1;
    private static final int LONGEST_SECONDS = 10;

    private FlockTrial() {}

    /** Whether it is held by another process; not if that cannot be found out, where there is no flock(1). */
    static boolean isHeld(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            return false;
        }
        int status = flock(file, "-E", Integer.toString(HELD));
        // busybox has no -E, and ends with 1 for both
        return status == HELD || (status == HELD_OR_NO_SUCH_OPTION && flock(file) == HELD_OR_NO_SUCH_OPTION);
    }

    /** Takes the lock for as long as {@code true} runs; the status, or -1 if it could not be run. */
    private static int flock(Path file, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("flock", "-n"));
        command.addAll(List.of(options));
        command.addAll(List.of(file.toString(), "true"));
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            // there is no such program
            return -1;
        }
        try {
            return process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) ? process.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while trying the lock of " + file);
        } finally {
            process.destroyForcibly();
        }
    }
}
