package caravan.lock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A lock on a file that one place in one process of this machine holds. The system lets go of it with the process.
 *
 * <p>The system's locks belong to a process, and it drops all that the process has on a file as soon as any descriptor
 * of that file is closed (fcntl(2)). So a file whose lock this process holds must not even be opened again: who holds
 * what here is remembered, and asked first.
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
     * @param file in a directory that exists; not a link
     * @param attributes of a file that is made
     * @return nothing if somebody else has it, in this process or another
     */
    public static Optional<ExclusiveLock> tryTake(Path file, FileAttribute<?>... attributes) throws IOException {
        Path name = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
        if (!HELD_HERE.add(name)) {
            return Optional.empty();
        }
        Optional<ExclusiveLock> taken = Optional.empty();
        try {
            taken = takeOfSystem(name, attributes);
            return taken;
        } finally {
            if (taken.isEmpty()) {
                HELD_HERE.remove(name);
            }
        }
    }

    private static Optional<ExclusiveLock> takeOfSystem(Path file, FileAttribute<?>... attributes) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                attributes);
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

    /** Whether it is held still; a lock may be lost with the server of a network file system. */
    public boolean isHeld() {
        return lock.isValid();
    }

    /**
     * Whether the name still leads to the file that was locked: where holders remove it at their end, who waited for
     * that very file holds nothing. Told by a size that nobody else gives it, because to open it again and close it
     * would drop the lock.
     */
    public boolean isStillThere() throws IOException {
        int last = 1 + new SecureRandom().nextInt(1 << 20);
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(1), last);
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == last + 1L;
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
