package caravan.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** What another process of this machine sees of a lock. Its own is the only view that the system's locks are for. */
public final class AnotherProcess {

    private static final int HELD = 42;

    private AnotherProcess() {}

    /** Whether a process that is started now could lock {@code file}, which must be there. */
    public static boolean canLock(Path file) throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AnotherProcess.class.getName(),
                        file.toString())
                .inheritIO()
                .start();
        if (!other.waitFor(60, TimeUnit.SECONDS)) {
            other.destroyForcibly();
            throw new IllegalStateException("a process that asks for a lock does not end");
        }
        if (other.exitValue() != 0 && other.exitValue() != HELD) {
            throw new IllegalStateException("a process that asks for a lock failed");
        }
        return other.exitValue() == 0;
    }

    /** Ends with 0 if it can lock the file that is its argument, with {@value #HELD} if not. */
    public static void main(String[] arguments) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
            System.exit(channel.tryLock() == null ? HELD : 0);
        }
    }
}
