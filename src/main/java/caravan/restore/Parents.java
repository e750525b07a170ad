package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Ownership;
import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Directories that lead to a target and are made for it. */
final class Parents {

    /** How the name of one begins that has no owner yet. */
    private static final String FRESH = ".caravan-new-";

    private Parents() {}

    /**
     * Makes those of {@code target} that are missing. Each belongs to its owner before it has its name, so that none is left
     * to us, however this run ends. Returns when that is on the disk.
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
            make(directory, directory.resolveSibling(FRESH + directory.getFileName()), ownership);
        }
    }

    private static void make(Path directory, Path fresh, Ownership ownership) throws CaravanException {
        try {
            if (Files.isDirectory(fresh, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(fresh); // of a run that was killed; there is nothing in it
            }
            Files.createDirectory(fresh);
            try (TargetTree tree = TargetTree.open(fresh)) {
                tree.give("", ownership);
            }
            Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            try (TargetTree parent = TargetTree.open(directory.toRealPath().getParent())) {
                parent.syncDirectory("");
            }
        } catch (IOException e) {
            throw LocalFailures.of("making " + directory + ", which leads to the target, for " + ownership, e);
        }
    }
}
