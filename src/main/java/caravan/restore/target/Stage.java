package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** The directory beside the target in which a fresh tree is built. Private until it is complete. */
public final class Stage implements AutoCloseable {

    private final Target.Fresh target;
    private final boolean fresh;
    private final TargetTree tree;

    private Stage(Target.Fresh target, boolean fresh, TargetTree tree) {
        this.target = target;
        this.fresh = fresh;
        this.tree = tree;
    }

    /** Bytes of files that an earlier restore left in a stage, which need not exist. */
    public static long bytesIn(Path stage) throws IOException {
        AtomicLong bytes = new AtomicLong();
        if (Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS)) {
            Files.walkFileTree(stage, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    // one that has other names will be copied apart
                    bytes.addAndGet(FileIdentity.hasOtherNames(file) ? 0 : attributes.size());
                    return FileVisitResult.CONTINUE;
                }
            });
        }
        return bytes.get();
    }

    /** Makes the directory, or takes the one that is there. */
    public static Stage open(Target.Fresh target) throws IOException {
        boolean fresh = !Files.exists(target.root(), LinkOption.NOFOLLOW_LINKS);
        if (fresh) {
            Files.createDirectory(
                    target.root(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            TargetTree.sync(target.root().getParent());
        }
        return new Stage(target, fresh, TargetTree.open(target.root()));
    }

    /** Whether there was none before. */
    public boolean isNew() {
        return fresh;
    }

    /** Files in it. */
    public TargetTree tree() {
        return tree;
    }

    /** Gives the complete tree its name, at once, and returns when that is on the disk. */
    public void complete() throws IOException, CaravanException {
        boolean exists = Files.isDirectory(target.directory(), LinkOption.NOFOLLOW_LINKS);
        Path model = exists ? target.directory() : target.root().resolve(TargetTree.WORK);
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(model, LinkOption.NOFOLLOW_LINKS);
        tree.deleteReservedNames();
        Files.setPosixFilePermissions(target.root(), mode);
        tree.syncDirectory("");
        try {
            Files.move(target.root(), target.directory(), StandardCopyOption.ATOMIC_MOVE);
        } catch (DirectoryNotEmptyException e) {
            throw new FailedException(
                    target.directory() + " is no longer empty; the restored tree is complete in " + target.root(),
                    "look who writes there, empty it and fetch again",
                    e);
        }
        TargetTree.sync(target.directory().getParent());
    }

    @Override
    public void close() throws IOException {
        tree.close();
    }
}
