package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
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
 * <p>It carries a marker file, which is locked as long as the capture lives. What a dead run left is removed when the
 * next one opens the stage: only names that we gave, one level deep, no symbolic link followed. A directory that is not
 * empty and has no marker is not ours, and nothing in it is touched.
 */
final class StageDirectory implements AutoCloseable {

    private static final String MARKER = ".caravan-stage";
    private static final String MARKER_BEGIN = "caravan stage of ";
    private static final Pattern OURS = Pattern.compile("(store|hold)-\\d{1,4}");

    private final Path directory;
    private final FileChannel marker;

    private StageDirectory(Path directory, FileChannel marker) {
        this.directory = directory;
        this.marker = marker;
    }

    /**
     * Creates the stage, or takes over the one of a dead run after removing what is in it.
     *
     * @throws RefusedException if a live run uses it, or if it is not ours
     */
    static StageDirectory open(Path directory, DatabaseName database) throws RefusedException, FailedException {
        try {
            requireOursOrNew(directory, database);
            return lock(directory, database);
        } catch (IOException e) {
            throw new FailedException(
                    "opening the stage " + directory + " failed: " + e,
                    "its parent must exist and be writable for the user that runs this",
                    e);
        }
    }

    /** A new, empty directory of ours in the stage; {@code name} is {@code store-} or {@code hold-} and a number. */
    Path newDirectory(String name) throws IOException {
        if (!OURS.matcher(name).matches()) {
            throw new IllegalArgumentException("a stage has no directory called " + name);
        }
        return Files.createDirectory(directory.resolve(name));
    }

    Path path() {
        return directory;
    }

    /** Removes everything, the stage itself included. Doing it again is harmless. */
    @Override
    public void close() throws IOException {
        if (!marker.isOpen()) {
            return;
        }
        try (marker) {
            sweep(directory);
            Files.delete(directory.resolve(MARKER));
            Files.delete(directory);
        }
    }

    private static void requireOursOrNew(Path directory, DatabaseName database) throws IOException, RefusedException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw notOurs(directory, "it is not a directory");
        }
        List<String> names = namesIn(directory);
        Path marker = directory.resolve(MARKER);
        if (!names.remove(MARKER)) {
            if (!names.isEmpty()) {
                throw notOurs(directory, "it has no marker and holds " + names.get(0));
            }
            return;
        }
        if (!Files.isRegularFile(marker, LinkOption.NOFOLLOW_LINKS) || Files.size(marker) > 1024) {
            throw notOurs(directory, "its marker is not a small file");
        }
        // A run that died before it wrote the marker left it empty, and nothing beside it.
        String text = Files.readString(marker, UTF_8);
        boolean isOurs = text.startsWith(MARKER_BEGIN + database + "\n");
        if (!isOurs && !(text.isEmpty() && names.isEmpty())) {
            throw notOurs(directory, "its marker is not that of database " + database);
        }
    }

    private static StageDirectory lock(Path directory, DatabaseName database) throws IOException, RefusedException {
        Path file = directory.resolve(MARKER);
        FileChannel marker =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            String text = MARKER_BEGIN + database + "\n" + UUID.randomUUID() + "\n";
            if (!isLocked(marker)) {
                throw inUse(directory);
            }
            marker.truncate(0);
            marker.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
            // The run before may have removed the file after we opened it; then the lock is on nothing.
            if (!text.equals(readIfExists(file))) {
                throw inUse(directory);
            }
            sweep(directory);
            return new StageDirectory(directory, marker);
        } catch (IOException | RefusedException | RuntimeException e) {
            marker.close();
            throw e;
        }
    }

    private static boolean isLocked(FileChannel marker) throws IOException {
        try {
            FileLock lock = marker.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static String readIfExists(Path file) throws IOException {
        try {
            return Files.readString(file, UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** Removes our directories; the links in them go, the files that they name stay what they are. */
    private static void sweep(Path directory) throws IOException {
        for (String name : namesIn(directory)) {
            Path entry = directory.resolve(name);
            if (name.equals(MARKER)) {
                continue;
            }
            if (!OURS.matcher(name).matches() || !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
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
