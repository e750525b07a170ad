package caravan.drill;

import caravan.disk.DiskFailures;
import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.lock.ExclusiveLock;
import caravan.restore.target.Replaced;
import caravan.restore.target.Space;
import caravan.restore.target.Stage;
import caravan.restore.target.Target;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room for one drill: {@code <directory>/caravan-drill-<database>}, which is locked, and removed when it is closed,
 * but for a copy that is to be kept. What a killed program left in it is removed when it is opened.
 */
final class DrillScratch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DrillScratch.class);

    private static final String PREFIX = "caravan-drill-";

    private static final String COPY = "copy";

    private static final String CLIENT = "client";

    private final Path path;

    private final boolean keepsCopy;

    private final ExclusiveLock lock;

    private DrillScratch(Path path, boolean keepsCopy, ExclusiveLock lock) {
        this.path = path;
        this.keepsCopy = keepsCopy;
        this.lock = lock;
    }

    /**
     * Makes the room, or takes over what is left of an earlier one.
     *
     * @throws RefusedException if a drill of this database is under way, in this process or another, or the room is a
     *     link to somewhere else
     */
    @SuppressWarnings("MustBeClosedChecker")
    static DrillScratch open(DrillRules rules, DatabaseName database) throws CaravanException {
        Path path = rules.directory().resolve(PREFIX + database);
        try {
            Files.createDirectories(rules.directory());
            refuseLink(path);
            ExclusiveLock lock = ExclusiveLock.tryTake(rules.directory().resolve(PREFIX + database + ".lock"))
                    .orElseThrow(() -> new RefusedException(
                            "drill of " + database + ": another one is under way in " + path,
                            "wait until it has ended, or give each publisher a caravan.drill.directory of its own"));
            DrillScratch scratch = new DrillScratch(path, rules.keepsCopy(), lock);
            try {
                scratch.sweep();
                Files.createDirectories(path);
                return scratch;
            } catch (IOException | RuntimeException e) {
                scratch.unlock();
                throw e;
            }
        } catch (IOException e) {
            throw new FailedException(
                    "cannot use " + path + " for a drill: " + e,
                    "caravan.drill.directory must be writable by this user",
                    e);
        }
    }

    /** What is in a room is removed without asking, so it must be one that was made here. */
    private static void refuseLink(Path path) throws RefusedException {
        if (Files.isSymbolicLink(path)) {
            throw new RefusedException(
                    path + " is a link; a drill removes what is in it",
                    "remove the link; to drill elsewhere, set caravan.drill.directory");
        }
    }

    /** Where to restore; it may hold the copy of an earlier drill. */
    Path copy() {
        return path.resolve(COPY);
    }

    /** What the client remembers, apart from this user's own. */
    Path clientState() {
        return path.resolve(CLIENT);
    }

    /**
     * Refuses a drill for which there is no room.
     *
     * @param bytes of the snapshot
     * @param floor bytes to leave free
     */
    void requireSpace(long bytes, long floor) throws CaravanException {
        try {
            long kept = Stage.bytesIn(copy()) + Stage.bytesIn(path.resolve(COPY + Target.INCOMPLETE));
            long needed = Math.max(0, bytes - kept);
            Space.require(path, needed + floor);
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + path, e);
        }
    }

    /** Removes what a restore moved out of its way; it is nobody's. */
    void remove(Path replaced) throws CaravanException {
        if (!replaced.startsWith(path)) {
            throw new IllegalArgumentException(replaced + " is not in " + path);
        }
        try {
            TreeRemoval.of(replaced);
        } catch (IOException e) {
            throw DiskFailures.of("removing " + replaced, e);
        }
    }

    @Override
    public void close() {
        try {
            if (!keepsCopy) {
                TreeRemoval.of(path);
            }
        } catch (IOException e) {
            LOG.warn("cannot remove {}; the next drill will: {}", path, e.toString());
        } finally {
            unlock();
        }
    }

    private void unlock() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("the lock of {} goes with this process", path, e);
        }
    }

    /**
     * Everything but a copy that is to be kept. What a restore was killed over is its own to finish; what it had moved
     * out of its way, it does not know any more.
     */
    private void sweep() throws IOException {
        if (!keepsCopy) {
            TreeRemoval.of(path);
        } else if (Files.isDirectory(path)) {
            try (DirectoryStream<Path> left = Files.newDirectoryStream(path, COPY + Replaced.INFIX + "*")) {
                for (Path replaced : left) {
                    TreeRemoval.of(replaced);
                }
            }
        }
    }
}
