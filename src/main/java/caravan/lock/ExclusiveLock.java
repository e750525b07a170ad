package caravan.lock;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock on a file that one place in one process of this machine holds. The system lets go of it with the process.
 *
 * <p>The system's locks belong to a process, and it drops all that the process has on a file as soon as any descriptor of
 * that file is closed (fcntl(2)). So a file whose lock this process holds must not even be opened again: who holds what
 * here is remembered, and asked first.
 */
public final class ExclusiveLock implements AutoCloseable {

    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;

    private final FileChannel channel;

    private final FileLock lock;

    private ExclusiveLock(Path file, FileChannel channel, FileLock lock) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock; makes {@code file} if it is missing, and leaves it there for good.
     *
     * @param file in a directory that exists
     * @return nothing if somebody else has it, in this process or another
     */
    public static Optional<ExclusiveLock> tryTake(Path file) throws IOException {
        Path name = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
        if (!HELD_HERE.add(name)) {
            return Optional.empty();
        }
        Optional<ExclusiveLock> taken = Optional.empty();
        try {
            taken = takeOfSystem(name);
            return taken;
        } finally {
            if (taken.isEmpty()) {
                HELD_HERE.remove(name);
            }
        }
    }

    private static Optional<ExclusiveLock> takeOfSystem(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new ExclusiveLock(file, channel, lock));
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return Optional.empty();
    }

    /** Lets go. Harmless the second time. */
    @Override
    public void close() throws IOException {
        if (!channel.isOpen()) {
            return;
        }
        try {
            lock.release();
        } finally {
            channel.close();
            HELD_HERE.remove(file);
        }
    }
}
