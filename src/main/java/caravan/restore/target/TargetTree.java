package caravan.restore.target;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files below one directory, by their path relative to it with {@code /} between names. No link is followed, neither
 * at the end of a path nor within it, so nothing outside the directory is read or written.
 *
 * <p>New files get mode 0644 and new directories 0755, less what the process's umask takes away. Safe for use by many
 * threads, but two must not make the same directory.
 */
public final class TargetTree implements AutoCloseable {

    /** Directory of our own in each target under work; the rule of paths keeps the name free. */
    public static final String WORK = ".caravan";

    /** Where {@code sync.sh} keeps chunks until it puts them into their places; of no use to us. */
    public static final String SCRIPT_PARTS = WORK + "/parts";

    private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));

    private final Path root;
    private final HeldDirectory held;

    private TargetTree(Path root, HeldDirectory held) {
        this.root = root;
        this.held = held;
    }

    /** The tree below {@code root}, an existing directory without a link in its path. */
    public static TargetTree open(Path root) throws IOException {
        return new TargetTree(root, HeldDirectory.open(root));
    }

    /** The directory itself. */
    public Path root() {
        return root;
    }

    /** What lies at {@code path}, if anything; a link is described, not followed. */
    public Optional<BasicFileAttributes> look(String path) throws IOException {
        try {
            return Optional.of(at(path, HeldDirectory::attributes));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            // a link or a file where a directory of the path should be: ELOOP or ENOTDIR, which have no type here
            return Optional.empty();
        }
    }

    /** An existing regular file, for reading. */
    public FileChannel read(String path) throws IOException {
        return open(path, Set.of(StandardOpenOption.READ));
    }

    /** An existing regular file, for reading and writing in place. */
    public FileChannel write(String path) throws IOException {
        return open(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** A file that did not exist before. */
    public FileChannel create(String path) throws IOException {
        return open(
                path,
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                FILE_MODE);
    }

    /** Writes a small file whole and to the disk; what had the name before is replaced at once. */
    public void put(String path, String text) throws IOException {
        String fresh = WORK + "/new-file";
        deleteIfThere(fresh);
        try (FileChannel file = create(fresh)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        move(fresh, path);
        syncDirectory(parentOf(path));
    }

    /** Makes our own directory if it is missing. */
    void makeWorkDirectory() throws IOException {
        Optional<BasicFileAttributes> there = look(WORK);
        if (there.isEmpty()) {
            Files.createDirectory(root.resolve(WORK), DIRECTORY_MODE);
        } else if (!there.get().isDirectory()) {
            throw new NotDirectoryException(root.resolve(WORK).toString());
        }
    }

    /** Makes the directory and those above it, as far as they are missing. */
    public void makeDirectories(String path) throws IOException {
        if (path.isEmpty()) {
            return;
        }
        Optional<BasicFileAttributes> there = look(path);
        if (there.isPresent()) {
            if (!there.get().isDirectory()) {
                throw new NotDirectoryException(root.resolve(path).toString());
            }
            return;
        }
        makeDirectories(parentOf(path));
        // There is no mkdirat(2) in Java, but there is renameat(2): made under our own name, then moved without a race.
        Path fresh = root.resolve(WORK).resolve("new-directory");
        makeWorkDirectory();
        Files.deleteIfExists(fresh);
        Files.createDirectory(fresh, DIRECTORY_MODE);
        move(WORK + "/new-directory", path);
    }

    /** Renames; a file that has the new name is replaced. */
    public void move(String from, String to) throws IOException {
        moveOut(from, this, to);
    }

    /** Renames into another tree on the same file system; a file that has the new name there is replaced. */
    public void moveOut(String from, TargetTree other, String to) throws IOException {
        at(
                from,
                (source, name) -> other.at(to, (target, newName) -> {
                    source.move(name, target, newName);
                    return null;
                }));
    }

    /** Gives away a file or directory; {@code ""} is the root. A link is not followed. */
    public void give(String path, Ownership ownership) throws IOException {
        if (path.isEmpty()) {
            ownership.give(held.owners(""), true);
            return;
        }
        at(path, (parent, name) -> {
            ownership.give(parent.owners(name), parent.attributes(name).isDirectory());
            return null;
        });
    }

    /** Deletes a file or link; nothing happens if there is none. */
    public void deleteIfThere(String path) throws IOException {
        try {
            at(path, (parent, name) -> {
                parent.deleteFile(name);
                return null;
            });
        } catch (NoSuchFileException e) {
            // that is what was wanted
            return;
        }
    }

    /** Deletes an empty directory. */
    public void deleteDirectory(String path) throws IOException {
        at(path, (parent, name) -> {
            parent.deleteDirectory(name);
            return null;
        });
    }

    /**
     * Deletes our own directory with all that is in it, the mark of an incomplete restore last; nothing happens if
     * there is none. Returns when that is on the disk.
     */
    public void deleteWorkDirectory() throws IOException {
        if (look(WORK).filter(BasicFileAttributes::isDirectory).isEmpty()) {
            return;
        }
        for (String path : names(WORK)) {
            if (!path.equals(Target.MARKER)) {
                deleteAll(path);
            }
        }
        deleteIfThere(Target.MARKER);
        deleteDirectory(WORK);
        syncDirectory("");
    }

    /** Deletes all in the root whose names are reserved for clients: of ours and of others that worked here before. */
    void deleteReservedNames() throws IOException {
        deleteWorkDirectory();
        for (String name : names("")) {
            if (name.startsWith(WORK)) {
                deleteAll(name);
            }
        }
    }

    /**
     * Deletes what a run of {@code sync.sh} that was killed had fetched and not put into its place, which takes room.
     */
    public void deleteScriptParts() throws IOException {
        if (look(SCRIPT_PARTS).isPresent()) {
            deleteAll(SCRIPT_PARTS);
        }
    }

    /** A file, a link, or a directory with all that is in it. */
    private void deleteAll(String path) throws IOException {
        if (look(path).filter(BasicFileAttributes::isDirectory).isEmpty()) {
            deleteIfThere(path);
            return;
        }
        for (String inner : names(path)) {
            deleteAll(inner);
        }
        deleteDirectory(path);
    }

    /** What is in the directory; {@code ""} is the root. Each step from here on looks at every name of a path again, and follows none. */
    private List<String> names(String directory) throws IOException {
        try (Stream<Path> names = Files.list(root.resolve(directory))) {
            return names.map(name -> (directory.isEmpty() ? "" : directory + "/") + name.getFileName())
                    .toList();
        }
    }

    /** Returns when the names in the directory are on the disk; {@code ""} is the root. */
    public void syncDirectory(String path) throws IOException {
        sync(root.resolve(path));
    }

    /** Returns when the names in {@code directory} are on the disk. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The directory that holds {@code path}; {@code ""} is the root. */
    public static String parentOf(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    @Override
    public void close() throws IOException {
        held.close();
    }

    private FileChannel open(String path, Set<OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return at(path, (parent, name) -> {
            if (!options.contains(StandardOpenOption.CREATE_NEW)
                    && !parent.attributes(name).isRegularFile()) {
                throw new FileSystemException(root.resolve(path).toString(), null, "is not a regular file");
            }
            return parent.open(name, options, attributes);
        });
    }

    /** Runs {@code step} with the directory that holds the last name of {@code path}. */
    private <T> T at(String path, Step<T> step) throws IOException {
        int slash = path.indexOf('/');
        return slash < 0 ? step.run(held, path) : below(held, path, slash, step);
    }

    private static <T> T below(HeldDirectory parent, String path, int slash, Step<T> step) throws IOException {
        String rest = path.substring(slash + 1);
        int next = rest.indexOf('/');
        try (HeldDirectory child = parent.child(path.substring(0, slash))) {
            return next < 0 ? step.run(child, rest) : below(child, rest, next, step);
        }
    }

    @FunctionalInterface
    private interface Step<T> {
        T run(HeldDirectory parent, String name) throws IOException;
    }
}
