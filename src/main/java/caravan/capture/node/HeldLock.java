package caravan.capture.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A store's lock in the hands of this process, so that no engine opens the store meanwhile. It is a shared lock of each
 * kind that engines use, on a file that is opened for reading only: nothing in the node's directory is changed. If this
 * process is killed, the system gives both back.
 */
final class HeldLock implements AutoCloseable {

    private final FileChannel channel;
    private final Process flock;

    private HeldLock(FileChannel channel, Process flock) {
        this.channel = channel;
        this.flock = flock;
    }

    /** Takes the lock; none if somebody else has it. A store whose lock file does not exist is not open now. */
    static Optional<HeldLock> take(Path lockFile) throws IOException {
        if (!Files.isRegularFile(lockFile, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of(new HeldLock(null, null));
        }
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            FileLock posix = channel.tryLock(0, Long.MAX_VALUE, true);
            if (posix != null) {
                Process flock = flock(lockFile);
                if (isHeld(flock)) {
                    return Optional.of(new HeldLock(channel, flock));
                }
                flock.destroy();
            }
            channel.close();
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Holds it until its input ends. */
    private static Process flock(Path lockFile) throws IOException {
        return new ProcessBuilder(
                        "flock", "--shared", "--nonblock", lockFile.toString(), "sh", "-c", "echo held; exec cat")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static boolean isHeld(Process flock) throws IOException {
        return "held".equals(new BufferedReader(new InputStreamReader(flock.getInputStream(), US_ASCII)).readLine());
    }

    /** Whether nobody has taken it from us. */
    boolean isHeld() {
        return channel == null || (channel.isOpen() && flock.isAlive());
    }

    @Override
    public void close() throws IOException {
        if (channel == null) {
            return;
        }
        try (channel) {
            flock.getOutputStream().close();
            flock.onExit().join();
        }
    }
}
