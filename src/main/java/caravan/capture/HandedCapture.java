package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A live capture that the node's user makes and leaves behind for another user to publish: the one may link the node's
 * files and needs no secret, the other has the secrets and may read only. It looks as a snapshot of the file system
 * would, so {@link HookCapture} reads it.
 *
 * <p>It lies in a directory of its own on the node's mount: {@code database} is the tree, {@code stage} is there while
 * it is made. Tables in it are the node's own files under a second name; their modes are left as they are.
 */
public final class HandedCapture {

    /** Where the tree is, below the directory that is named. */
    public static final String TREE = "database";

    private static final String UNFINISHED = "unfinished";

    private static final String STAGE = "stage";

    private static final String MARKER = ".caravan-capture";

    private static final DatabaseName NAME = new DatabaseName("handed");

    private static final Set<PosixFilePermission> DIRECTORY = PosixFilePermissions.fromString("rwxr-x---");

    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-r-----");

    private final Path directory;

    /** A capture in {@code directory}, which need not exist; the directory around it must. */
    public HandedCapture(Path directory) {
        this.directory = requireNonNull(directory, "directory").toAbsolutePath().normalize();
    }

    /**
     * Captures the database below {@code root}. When it returns, the tree is complete.
     *
     * @param stores as in {@link CaptureRequest}
     * @param freeSpaceFloor as in {@link CaptureRequest}
     * @return its stores
     * @throws RefusedException if one is there that was not released, or if the directory is not ours
     */
    public List<CapturedStore> make(Path root, List<String> stores, long freeSpaceFloor) throws CaravanException {
        try {
            requireOutside(root);
            takeOrCreate();
            if (Files.exists(directory.resolve(TREE), LinkOption.NOFOLLOW_LINKS)) {
                throw new RefusedException(
                        "capture into " + directory + ": there is one already", "release it with --release first");
            }
            CaptureRequest request =
                    new CaptureRequest(NAME, root, stores, directory.resolve(STAGE), Map.of(), freeSpaceFloor);
            try (CapturedDatabase captured = new LiveCapture().capture(request)) {
                // The stage is ours, so whoever left this is dead.
                TreeRemoval.of(directory.resolve(UNFINISHED));
                Path tree = makeDirectories(directory.resolve(UNFINISHED));
                for (CapturedFile file : captured.files()) {
                    handOver(file, tree.resolve(file.path().value()));
                }
                for (SnapshotPath empty : captured.emptyDirectories()) {
                    makeDirectories(tree.resolve(empty.value()));
                }
                Files.move(tree, directory.resolve(TREE), StandardCopyOption.ATOMIC_MOVE);
                return captured.stores();
            }
        } catch (IOException e) {
            throw failed("capture into ", e);
        }
    }

    /**
     * Removes it, and what a dead run left; to remove what is not there is harmless. The node's files stay what they
     * are.
     *
     * @throws RefusedException if one is being made, or if the directory is not ours
     */
    public void release() throws CaravanException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            requireOurs();
            // Who has the stage is the only one here; its links of a dead run go, too.
            StageDirectory stage = StageDirectory.open(directory.resolve(STAGE), NAME);
            try {
                TreeRemoval.of(directory.resolve(TREE));
                TreeRemoval.of(directory.resolve(UNFINISHED));
            } finally {
                stage.close();
            }
            Files.deleteIfExists(directory.resolve(MARKER));
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw failed("remove the capture in ", e);
        }
    }

    /** Nothing of ours is made in the node's directory, and a link to another place of it is found. */
    private void requireOutside(Path root) throws IOException, RefusedException {
        if (!Files.exists(root) || StagePlace.isMount(root.toRealPath())) {
            return;
        }
        Path parent = directory.getParent();
        Path real = parent != null && Files.exists(parent)
                ? parent.toRealPath().resolve(directory.getFileName())
                : directory;
        if (real.startsWith(root.toRealPath()) || root.toRealPath().startsWith(real)) {
            throw new RefusedException(
                    "capture into " + directory + ": it is inside the database directory " + root + ", or around it",
                    "name a place beside it, on the same mount");
        }
    }

    private void takeOrCreate() throws IOException, RefusedException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory);
        }
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) && isEmpty(directory)) {
            Files.createFile(directory.resolve(MARKER));
            Files.setPosixFilePermissions(directory, DIRECTORY);
        }
        requireOurs();
    }

    /** Files of others are neither linked over nor removed. */
    private void requireOurs() throws RefusedException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(directory.resolve(MARKER), LinkOption.NOFOLLOW_LINKS)) {
            throw new RefusedException(
                    directory + " was not made by a capture",
                    "name a directory that does not exist or is empty, on the node's mount");
        }
    }

    /** What was copied is ours, and may be made readable for the group; what was linked is the node's. */
    private static void handOver(CapturedFile file, Path into) throws IOException {
        makeDirectories(into.getParent());
        Files.createLink(into, file.staged());
        if (!file.writeOnce()) {
            Files.setPosixFilePermissions(into, FILE);
        }
    }

    private static Path makeDirectories(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            makeDirectories(path.getParent());
            Files.createDirectory(path);
            Files.setPosixFilePermissions(path, DIRECTORY);
        }
        return path;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    private FailedException failed(String what, IOException cause) {
        return new FailedException(
                what + directory + ": " + cause,
                "it must be writable for the node's user, and on the node's mount",
                cause);
    }
}
