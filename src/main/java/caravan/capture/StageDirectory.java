package caravan.capture;

import caravan.disk.DiskFailures;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The directory in which a capture holds still.
 *
 * <p>It carries a marker file, and a lock file for as long as the capture lives. What a dead run left is removed when
 * the next one opens the stage: only names that we gave, one level deep, no symbolic link followed. A directory that is
 * not empty and has no marker is not ours, and nothing in it is touched.
 */
final class StageDirectory implements AutoCloseable {

    static final String MARKER = ".caravan-stage";
    private static final String MARKER_BEGIN = "caravan stage of ";
    static final String LOCK_PREFIX = "lock-";
    private static final Pattern COPIES = Pattern.compile("(store|hold)-\\d{1,4}(-[0-9a-f]{8})?");

    /** A link that is made to see whether it can be made. */
    private static final String PROBE = "link-probe";

    /**
     * The system drops a process's locks on a file when the process closes the file, however it opened it. So a lock
     * file of this very process must be known by its name and never be opened a second time.
     */
    private static final String THIS_PROCESS = UUID.randomUUID().toString();

    private final Path directory;
    private final Path lockFile;
    private final FileChannel lock;

    private StageDirectory(Path directory, Path lockFile, FileChannel lock) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Creates the stage, or takes over the one of a dead run after removing what is in it. An interrupt waits until it
     * is open: half a stage would stay behind.
     *
     * @throws RefusedException if a live run uses it, or if it is not ours
     */
    static StageDirectory open(Path directory, DatabaseName database) throws RefusedException, FailedException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    takeOrCreate(directory, database);
                    return lock(directory);
                } catch (ClosedByInterruptException | FileLockInterruptionException e) {
                    interrupted = Thread.interrupted();
                }
            }
        } catch (IOException e) {
            throw DiskFailures.of(
                    "opening the stage " + directory,
                    e,
                    "free some space on the database's file system, and run it again",
                    "its parent must exist and be writable for the user that runs this");
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * A new, empty directory of ours in the stage, called {@code name} with something that no other capture has: a
     * program that a killed run left copying finds its directory no more, and puts nothing into ours.
     *
     * @param name {@code store-} or {@code hold-} and a number
     */
    Path newDirectory(String name) throws IOException {
        String own = name + "-" + UUID.randomUUID().toString().substring(0, 8);
        if (!COPIES.matcher(own).matches()) {
            throw new IllegalArgumentException("a stage has no directory called " + name);
        }
        return Files.createDirectory(directory.resolve(own));
    }

    /** Where a file may be made for a moment, to see whether it can be made. */
    Path probe() {
        return directory.resolve(PROBE);
    }

    Path path() {
        return directory;
    }

    /** Removes everything, the stage itself included. Doing it again is harmless. */
    @Override
    public void close() throws IOException {
        if (!lock.isOpen()) {
            return;
        }
        try (lock) {
            sweep(directory);
        } finally {
            Files.deleteIfExists(lockFile);
        }
        Files.deleteIfExists(directory.resolve(MARKER));
        Files.deleteIfExists(directory);
    }

    private static void takeOrCreate(Path directory, DatabaseName database) throws IOException, RefusedException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw notOurs(directory, "it is not a directory");
        }
        String text = MARKER_BEGIN + database + "\n";
        Path marker = directory.resolve(MARKER);
        List<String> others = namesIn(directory);
        if (!others.remove(MARKER)) {
            if (!others.isEmpty()) {
                throw notOurs(directory, "it has no marker and holds " + others.get(0));
            }
            Files.writeString(marker, text, StandardOpenOption.CREATE_NEW);
            return;
        }
        if (!Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS) || Files.size(marker) > 1024) {
            throw notOurs(directory, "its marker is not a small file");
        }
        String found = Files.readString(marker);
        // A run that died before it wrote the marker left it empty, and nothing beside it.
        if (found.isEmpty() && others.isEmpty()) {
            Files.writeString(marker, text);
        } else if (!found.equals(text)) {
            throw notOurs(directory, "its marker is not that of database " + database);
        }
    }

    /** Each run locks a file of its own and then looks for others: of two at the same time at most one goes on. */
    private static StageDirectory lock(Path directory) throws IOException, RefusedException {
        Path file = directory.resolve(LOCK_PREFIX + THIS_PROCESS + "-" + UUID.randomUUID());
        FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            lock.lock();
            for (String name : namesIn(directory)) {
                Path other = directory.resolve(name);
                if (name.startsWith(LOCK_PREFIX) && !other.equals(file) && isHeld(other)) {
                    throw inUse(directory);
                }
            }
            sweep(directory);
            return new StageDirectory(directory, file, lock);
        } catch (IOException | RefusedException | RuntimeException e) {
            Files.deleteIfExists(file);
            lock.close();
            throw e;
        }
    }

    /** Removes the lock file if its run is dead. */
    private static boolean isHeld(Path lockFile) throws IOException {
        if (lockFile.getFileName().toString().startsWith(LOCK_PREFIX + THIS_PROCESS)) {
            return true;
        }
        try (FileChannel other = FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            FileLock taken = other.tryLock();
            if (taken == null) {
                return true;
            }
            Files.delete(lockFile);
            return false;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Removes our directories; the links in them go, the files that they name stay what they are. */
    private static void sweep(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(PROBE));
        for (String name : namesIn(directory)) {
            if (name.equals(MARKER) || name.startsWith(LOCK_PREFIX)) {
                continue;
            }
            Path entry = directory.resolve(name);
            if (!COPIES.matcher(name).matches() || !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(entry + " was not put there by a capture; remove it");
            }
            for (String link : namesIn(entry)) {
                Files.deleteIfExists(entry.resolve(link));
            }
            Files.delete(entry);
        }
    }

    private static List<String> namesIn(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(entry.getFileName().toString());
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    private static RefusedException inUse(Path directory) {
        return new RefusedException(
                "the stage " + directory + " is in use by another capture that is still running",
                "wait for it to end; two databases need two stages");
    }

    private static RefusedException notOurs(Path directory, String why) {
        return new RefusedException(
                "the stage " + directory + " cannot be used: " + why,
                "name an empty or new directory in caravan.database.<name>.stage-directory");
    }
}
