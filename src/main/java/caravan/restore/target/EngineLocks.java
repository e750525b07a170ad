package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The locks that keep a node out of a database while it is changed in place.
 *
 * <p>RocksDB's is held until {@link #close} (an fcntl(2) lock on {@code LOCK}, see RocksDB env/fs_posix.cc).
 * ParityDB's (flock(2) on {@code lock}) cannot be held from Java: it is only looked for, and the missing seal keeps the
 * engine out.
 */
public final class EngineLocks implements AutoCloseable {

    /** Lock files of RocksDB and ParityDB; never part of what a snapshot must equal. */
    private static final List<String> NAMES = List.of("LOCK", "lock");

    private static final String ROCKSDB = "LOCK";

    private final List<FileLock> held = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();

    private EngineLocks() {}

    /** Whether a file of this name is an engine's lock file. */
    public static boolean isLockFile(String path) {
        return NAMES.contains(path.substring(path.lastIndexOf('/') + 1));
    }

    /**
     * Takes the locks of all stores below {@code root}, known or found.
     *
     * @throws RefusedException if a process uses any file of them
     */
    public static EngineLocks take(Path root, List<DatabaseStore> stores) throws CaravanException {
        EngineLocks locks = new EngineLocks();
        try {
            locks.takeAll(root, stores);
            return locks;
        } catch (IOException e) {
            locks.close();
            throw LocalFailures.of("looking for a process that uses " + root, e);
        } catch (CaravanException e) {
            locks.close();
            throw e;
        }
    }

    private void takeAll(Path root, List<DatabaseStore> stores) throws IOException, CaravanException {
        HeldFiles users = HeldFiles.now();
        Set<Path> lockFiles = new TreeSet<>();
        for (DatabaseStore store : stores) {
            Path directory = root.resolve(store.path());
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (store.engine() == Engine.ROCKSDB) {
                lockFiles.add(directory.resolve(ROCKSDB));
            }
            Optional<Path> used = search(directory, users, lockFiles);
            if (used.isPresent()) {
                throw inUse(root, used.get(), users);
            }
        }
        for (Path file : lockFiles) {
            lock(root, file, users);
        }
    }

    private static Optional<Path> search(Path directory, HeldFiles users, Set<Path> lockFiles) throws IOException {
        List<Path> used = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    return FileVisitResult.CONTINUE;
                }
                if (file.getFileName().toString().equals(ROCKSDB)) {
                    lockFiles.add(file);
                }
                if (users.holderOf(file).isPresent()) {
                    used.add(file);
                    return FileVisitResult.TERMINATE;
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return used.stream().findFirst();
    }

    private void lock(Path root, Path file, HeldFiles users) throws IOException, CaravanException {
        boolean missing = Files.notExists(file, LinkOption.NOFOLLOW_LINKS);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                held.add(lock);
                if (missing) {
                    made.add(file);
                }
                return;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(root, file, users);
        }
        channel.close();
        throw inUse(root, file, users);
    }

    private static RefusedException inUse(Path root, Path file, HeldFiles users) throws IOException {
        String who = users.holderOf(file).map(pid -> "process " + pid).orElse("a process");
        return new RefusedException(
                "target in use: " + who + " holds the lock of " + root.relativize(file) + " in " + root,
                "stop the node that runs on this database, then fetch again");
    }

    /** Fails if a lock was lost. */
    public void requireHeld() throws IOException {
        for (FileLock lock : held) {
            if (!lock.isValid()) {
                throw new IOException("the lock of the database was lost");
            }
        }
    }

    /** Lets go of all locks, and removes the lock files that were not there before. */
    @Override
    public void close() {
        try {
            for (Path file : made) {
                Files.deleteIfExists(file);
            }
            for (FileLock lock : held) {
                lock.channel().close();
            }
        } catch (IOException e) {
            // the system lets go of the locks with the process at the latest
            return;
        }
    }
}
