package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Ownership;
import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Directories that lead to a target and are made for it. */
final class Parents {

    /**
     * How the name of one begins that has no owner yet; the rest is of this run alone, since another may be at it, too.
     */
    private static final String FRESH = ".caravan-new-";

    /** Nobody takes so long to make one; older ones are left of runs that were killed. */
    private static final Duration OLD = Duration.ofHours(1);

    private Parents() {}

    /**
     * Makes those of {@code target} that are missing. Each belongs to its owner before it has its name, so that none is
     * left to us, however this run ends. Returns when that is on the disk.
     *
     * @throws caravan.failure.RefusedException if directories may not be given to their owner
     */
    static void make(Path target, Ownership ownership) throws CaravanException {
        List<Path> missing = new ArrayList<>();
        Path at = target.toAbsolutePath().normalize().getParent();
        while (at != null && !Files.exists(at)) {
            missing.add(0, at);
            at = at.getParent();
        }
        if (at != null && !missing.isEmpty()) {
            ownership.requirePermitted(at);
        }
        for (Path directory : missing) {
            make(directory, directory.resolveSibling(FRESH + UUID.randomUUID()), ownership);
        }
    }

    private static void make(Path directory, Path fresh, Ownership ownership) throws CaravanException {
        try {
            removeOldOnes(fresh.getParent());
            Files.createDirectory(fresh);
            try (TargetTree tree = TargetTree.open(fresh)) {
                tree.give("", ownership);
                Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(fresh);
            }
            try (TargetTree parent = TargetTree.open(directory.toRealPath().getParent())) {
                parent.syncDirectory("");
            }
        } catch (IOException e) {
            throw LocalFailures.of("making " + directory + ", which leads to the target, for " + ownership, e);
        }
    }

    private static void removeOldOnes(Path parent) throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(OLD));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, FRESH + "*")) {
            for (Path one : left) {
                BasicFileAttributes look =
                        Files.readAttributes(one, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (look.isDirectory() && look.lastModifiedTime().compareTo(old) < 0) {
                    Files.deleteIfExists(one); // there is nothing in it
                }
            }
        } catch (NoSuchFileException e) {
            return; // another run has just given it its name, or removed it
        }
    }
}
