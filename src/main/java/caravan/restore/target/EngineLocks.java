package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.restore.target.HeldFiles.Holder;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The locks that keep a node out of a database while it is changed in place.
 *
 * <p>RocksDB's is held until {@link #close} (an fcntl(2) lock on {@code LOCK}, see RocksDB env/fs_posix.cc).
 * ParityDB's (flock(2) on {@code lock}) cannot be held from Java: it is only looked for, in the system's list and by
 * trying, and the missing seal keeps the engine out.
 */
public final class EngineLocks implements AutoCloseable {

    private static final String ROCKSDB = Engine.ROCKSDB.lockFile();

    private static final String PARITYDB = Engine.PARITYDB.lockFile();

    /** Lock files of RocksDB and ParityDB; a snapshot has some only of stores whose engine is not known. */
    private static final List<String> NAMES = List.of(ROCKSDB, PARITYDB);

    /** Lock files that a restore made and must remove, also the next one if this one is killed. */
    private static final String MADE = TargetTree.WORK + "/made-locks";

    private final TargetTree tree;
    private final Map<String, FileLock> held = new TreeMap<>();
    private final Set<String> missing = new TreeSet<>();
    private final Set<String> made = new TreeSet<>();

    private EngineLocks(TargetTree tree) {
        this.tree = tree;
    }

    /** Whether a file of this name is an engine's lock file. */
    public static boolean isLockFile(String path) {
        return NAMES.contains(path.substring(path.lastIndexOf('/') + 1));
    }

    /**
     * Takes the locks of all stores in {@code tree}, known or found, as far as there are lock files. Makes none.
     *
     * @throws RefusedException if a process uses any file of them
     */
    public static EngineLocks take(TargetTree tree, List<DatabaseStore> stores) throws CaravanException {
        EngineLocks locks = new EngineLocks(tree);
        try {
            locks.takeAll(stores);
            return locks;
        } catch (IOException e) {
            locks.close();
            throw LocalFailures.of("looking for a process that uses " + tree.root(), e);
        } catch (CaravanException e) {
            locks.close();
            throw e;
        }
    }

    private void takeAll(List<DatabaseStore> stores) throws IOException, CaravanException {
        readMade(stores);
        HeldFiles users = HeldFiles.now();
        Set<String> lockFiles = new TreeSet<>();
        for (DatabaseStore store : stores) {
            String path = store.path();
            if (!path.isEmpty()
                    && tree.look(path).filter(BasicFileAttributes::isDirectory).isEmpty()) {
                continue;
            }
            if (store.engine() == Engine.ROCKSDB) {
                lockFiles.add(store.lockFile());
            }
            Optional<String> used = search(tree.root().resolve(path), users, lockFiles);
            if (used.isPresent()) {
                throw inUse(used.get(), users);
            }
        }
        for (String file : lockFiles) {
            if (tree.look(file).isEmpty()) {
                missing.add(file);
            } else {
                lock(file, tree.write(file), users);
            }
        }
    }

    /**
     * Makes and takes the locks that are missing; from here on no RocksDB can begin to use a store. Our own directory
     * must be there.
     *
     * @throws RefusedException if an engine was faster
     */
    public void takeMissing() throws IOException, CaravanException {
        made.addAll(missing);
        tree.put(MADE, String.join("\n", made));
        for (String file : missing) {
            try {
                lock(file, tree.create(file), HeldFiles.now());
            } catch (FileAlreadyExistsException e) {
                throw inUse(file, HeldFiles.now());
            }
        }
        missing.clear();
    }

    /**
     * Names are ours if a restore before this one noted them and was killed. In a store whose engine is not known any
     * more such a file may be the snapshot's.
     */
    private void readMade(List<DatabaseStore> stores) throws IOException {
        if (tree.look(MADE).filter(BasicFileAttributes::isRegularFile).isEmpty()) {
            return;
        }
        try (InputStream in = Channels.newInputStream(tree.read(MADE))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(name ->
                            stores.stream().anyMatch(store -> store.lockFile().equals(name)))
                    .forEach(made::add);
        }
    }

    private Optional<String> search(Path directory, HeldFiles users, Set<String> lockFiles) throws IOException {
        List<String> used = new ArrayList<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    return FileVisitResult.CONTINUE;
                }
                String path = tree.root().relativize(file).toString();
                if (file.getFileName().toString().equals(ROCKSDB)) {
                    lockFiles.add(path);
                }
                if (users.holderOf(file).isPresent() || (isParityDbs(file) && FlockTrial.isHeld(file))) {
                    used.add(path);
                    return FileVisitResult.TERMINATE;
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return used.stream().findFirst();
    }

    private static boolean isParityDbs(Path file) {
        return file.getFileName().toString().equals(PARITYDB);
    }

    private void lock(String file, FileChannel channel, HeldFiles users) throws IOException, CaravanException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                held.put(file, lock);
                return;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw inUse(file, users);
        }
        channel.close();
        throw inUse(file, users);
    }

    private RefusedException inUse(String file, HeldFiles users) throws IOException {
        Optional<Holder> holder = users.holderOf(tree.root().resolve(file));
        String who = holder.map(Holder::name).orElse("a process");
        if (holder.map(Holder::certain).orElse(true)) {
            return new RefusedException(
                    "target in use: " + who + " holds the lock of " + file + " in " + tree.root(),
                    "stop the node that runs on this database, then fetch again");
        }
        return new RefusedException(
                "target in use: " + who + " seems to hold the lock of " + file + " in " + tree.root()
                        + ", and may not be looked at",
                "stop the node that runs on this database, then fetch again; if that process is something else, run as"
                        + " its user or as root, who can see it");
    }

    /** Fails if a lock was lost. */
    public void requireHeld() throws IOException {
        for (FileLock lock : held.values()) {
            if (!lock.isValid()) {
                throw new IOException("the lock of the database was lost");
            }
        }
    }

    @Override
    public void close() {
        release();
    }

    /** Removes the lock files that a restore made, and lets go of all locks. Again is harmless. */
    public void release() {
        try {
            for (String file : made) {
                // it may be gone with its directory, if that is not in the snapshot
                if (held.containsKey(file) && tree.look(file).isPresent()) {
                    tree.deleteIfThere(file);
                }
            }
            made.clear();
            for (FileLock lock : held.values()) {
                lock.channel().close();
            }
        } catch (IOException e) {
            // the system lets go of the locks with the process at the latest
            return;
        }
    }
}
