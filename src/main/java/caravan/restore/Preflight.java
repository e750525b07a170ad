package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.SystemLimits;
import caravan.restore.target.TargetTree;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Can all of a restore be written? Asked before the first byte is, beside {@link caravan.restore.target.Space}. */
final class Preflight implements ManifestVisitor {

    /** Files that a Java program has open anyhow, and what a worker holds: a file, a connection, directories above. */
    private static final long OWN_FILES = 160;

    private static final long FILES_OF_A_WORKER = 12;

    private final Path root;
    private final Set<String> directories = new HashSet<>();
    private long inodes;
    private long largest;
    private String largestName = "";
    private String forbidden = "";

    private Preflight(Path root) {
        this.root = root;
    }

    /**
     * Returns if {@code root}, which need not be there, can become what {@code manifest} says.
     *
     * @param existing a directory on the same file system
     * @throws RefusedException if not
     */
    static void require(Path root, Path existing, ManifestFile manifest, int workers)
            throws CaravanException, InterruptedException {
        Preflight needs = new Preflight(root);
        needs.look("");
        manifest.read(needs);
        try {
            needs.compare(SystemLimits.of(existing), existing, workers);
        } catch (IOException e) {
            throw LocalFailures.of("asking for the limits of this process", e);
        }
    }

    /** Holds what is needed against what there is. */
    void compare(SystemLimits limits, Path existing, int workers) throws RefusedException {
        if (!forbidden.isEmpty()) {
            throw new RefusedException(
                    "may not write to " + root.resolve(forbidden), "run as the user who may; nothing was written");
        }
        if (limits.freeInodes().isPresent() && inodes > limits.freeInodes().getAsLong()) {
            throw new RefusedException(
                    "no inodes left for " + root + ": " + inodes
                            + " files and directories are to be made, the file system of " + existing + " has room for "
                            + limits.freeInodes().getAsLong(),
                    "see df -i; remove files or choose another disk; nothing was written");
        }
        if (limits.fileSize().isPresent() && largest > limits.fileSize().getAsLong()) {
            throw new RefusedException(
                    "the file " + largestName + " has " + largest + " bytes, this process may write files of "
                            + limits.fileSize().getAsLong(),
                    "see ulimit -f; nothing was written");
        }
        long files = OWN_FILES + FILES_OF_A_WORKER * workers;
        if (limits.openFiles().isPresent() && files > limits.openFiles().getAsLong()) {
            throw new RefusedException(
                    workers + " chunks at a time may need " + files + " open files, this process may have "
                            + limits.openFiles().getAsLong(),
                    "raise ulimit -n, or give a smaller --parallel; nothing was written");
        }
    }

    /** Needs nothing yet; is told of files and directories. */
    static Preflight in(Path root) {
        return new Preflight(root);
    }

    @Override
    public void header(ManifestHeader header) {
        // the files tell
    }

    @Override
    public void directory(SnapshotPath path) {
        directoriesTo(path.value());
    }

    @Override
    public void file(FileEntry file) {
        directoriesTo(TargetTree.parentOf(file.path().value()));
        look(file.path().value());
        if (file.size() > largest) {
            largest = file.size();
            largestName = file.path().value();
        }
    }

    private void directoriesTo(String path) {
        for (String at = path; !at.isEmpty() && directories.add(at); at = TargetTree.parentOf(at)) {
            look(at);
        }
    }

    private void look(String path) {
        Path at = root.resolve(path);
        if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
            inodes++;
        } else if (forbidden.isEmpty() && !Files.isSymbolicLink(at) && !Files.isWritable(at)) {
            forbidden = path.isEmpty() ? "." : path;
        }
    }
}
