package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.lock.ExclusiveLock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a second restore out of a directory. The system drops it with the process, however that ends.
 *
 * <p>Java locks with fcntl(2). {@code sync.sh} locks the same file with flock(2), or, where there is no flock(1),
 * writes its process id beside it: both are looked for when ours is taken, and {@code sync.sh} looks for ours when it
 * has taken its own. So of two that come at the same moment at most one goes on.
 */
public final class TargetLock implements AutoCloseable {

    private static final String NAME = "lock";

    private static final String BESIDE = ".caravan-lock";

    /** Ends the name of the file in which {@code sync.sh} says who it is. */
    private static final String WHO = ".pid";

    private static final String SCRIPT = "sync.sh";

    private static final int LONGEST_ID = 16;

    private final ExclusiveLock lock;
    private final Path file;

    private TargetLock(ExclusiveLock lock, Path file) {
        this.lock = lock;
        this.file = file;
    }

    /**
     * Takes the lock that lies in our own directory in {@code root}, for who writes there.
     *
     * @throws RefusedException if another restore has it
     */
    public static TargetLock in(Path root) throws CaravanException {
        try (TargetTree tree = TargetTree.open(root)) {
            tree.makeWorkDirectory();
        } catch (IOException e) {
            throw LocalFailures.of("making " + root.resolve(TargetTree.WORK), e);
        }
        return take(root, root.resolve(TargetTree.WORK).resolve(NAME));
    }

    /**
     * Takes the lock that lies beside {@code directory}, for who looks at it and may have nothing to write: if such a
     * one is killed, nothing is left inside. Where nothing can be made beside it, takes none.
     *
     * @return the lock, if it was taken
     * @throws RefusedException if another restore has it
     */
    public static Optional<TargetLock> beside(Path directory) throws CaravanException {
        if (!Files.isWritable(directory.getParent())) {
            return Optional.empty();
        }
        return Optional.of(take(directory, directory.resolveSibling(directory.getFileName() + BESIDE)));
    }

    /**
     * Who restores into {@code directory} right now, or looks at it; nobody if no such process can be seen. Changes
     * nothing.
     *
     * @param root where files are written: the directory itself, or where it is built
     */
    public static Optional<String> holderOf(Path directory, Path root) throws IOException {
        for (Path file : List.of(
                root.resolve(TargetTree.WORK).resolve(NAME),
                directory.resolveSibling(directory.getFileName() + BESIDE))) {
            Optional<String> holder = Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    ? HeldFiles.now().holderOf(file).map(HeldFiles.Holder::name)
                    : Optional.empty();
            if (holder.isPresent()) {
                return holder;
            }
            Optional<ProcessHandle> script = scriptNamedIn(file.resolveSibling(file.getFileName() + WHO));
            if (script.isPresent()) {
                return script.map(process -> "process " + process.pid());
            }
        }
        return Optional.empty();
    }

    private static TargetLock take(Path root, Path file) throws CaravanException {
        try {
            Optional<ExclusiveLock> lock = ExclusiveLock.tryTake(file);
            if (lock.isEmpty()) {
                throw inUse(root);
            }
            requireOurs(lock.get(), root, file);
            return new TargetLock(lock.get(), file);
        } catch (IOException e) {
            throw LocalFailures.of("locking " + file, e);
        }
    }

    /** A holder that ends removes the file. */
    private static void requireOurs(ExclusiveLock lock, Path root, Path file) throws IOException, CaravanException {
        try {
            if (!lock.isStillThere() || HeldFiles.now().holderOf(file).isPresent()) {
                throw inUse(root);
            }
            Path who = file.resolveSibling(file.getFileName() + WHO);
            Optional<ProcessHandle> script = scriptNamedIn(who);
            if (script.isPresent()) {
                throw inUseByScript(root, who, script.get().pid());
            }
        } catch (IOException | CaravanException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static Optional<ProcessHandle> scriptNamedIn(Path who) throws IOException {
        if (!Files.isRegularFile(who, LinkOption.NOFOLLOW_LINKS) || Files.size(who) > LONGEST_ID) {
            return Optional.empty();
        }
        String id = Files.readString(who, StandardCharsets.US_ASCII).strip();
        // A process that is younger than the file got the id of one that is gone.
        Instant written = Files.getLastModifiedTime(who).toInstant().plusSeconds(1);
        return Optional.of(id)
                .filter(text -> text.matches("[1-9][0-9]*"))
                .flatMap(number -> ProcessHandle.of(Long.parseLong(number)))
                .filter(process -> hasBegunBy(written, process) && mayBeScript(process));
    }

    private static boolean hasBegunBy(Instant written, ProcessHandle process) {
        return process.info()
                .startInstant()
                .filter(started -> !started.isAfter(written))
                .isPresent();
    }

    /** In a container numbers are small, and after a restart another process soon has the one that is in the file. */
    private static boolean mayBeScript(ProcessHandle process) {
        Optional<String[]> arguments = process.info().arguments();
        return arguments.isEmpty() || Arrays.stream(arguments.get()).anyMatch(argument -> argument.contains(SCRIPT));
    }

    private static RefusedException inUse(Path root) {
        return new RefusedException(
                "another fetch is at work in " + root, "wait for it, or stop it; two would write the same files");
    }

    private static RefusedException inUseByScript(Path root, Path who, long id) {
        return new RefusedException(
                "another fetch is at work in " + root + ": process " + id + ", says " + who,
                "wait for it, or stop it; two would write the same files. If that process is something else, remove "
                        + who);
    }

    /** Fails if the lock was lost. */
    public void requireHeld() throws IOException {
        if (!lock.isHeld()) {
            throw new IOException("the lock of the target was lost");
        }
    }

    /** Removes the lock file and lets go. */
    @Override
    public void close() {
        try {
            try {
                Files.deleteIfExists(file);
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            // the system lets go of the lock with the process at the latest
            return;
        }
    }
}
