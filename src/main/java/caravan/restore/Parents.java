package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Ownership;
import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Directories that lead to a target and are made for it. */
final class Parents {

    private Parents() {}

    /** Makes those of {@code target} that are missing; the answer names them, outer ones first. */
    static List<Path> make(Path target) throws CaravanException {
        List<Path> made = new ArrayList<>();
        Path at = target.toAbsolutePath().normalize().getParent();
        while (at != null && !Files.exists(at)) {
            made.add(0, at);
            at = at.getParent();
        }
        try {
            for (Path directory : made) {
                Files.createDirectory(directory);
            }
            return made;
        } catch (IOException e) {
            throw LocalFailures.of("making the directories that lead to " + target, e);
        }
    }

    /** Gives them away. */
    static void give(List<Path> directories, Ownership ownership) throws CaravanException {
        for (Path directory : directories) {
            try (TargetTree tree = TargetTree.open(directory)) {
                tree.give("", ownership);
            } catch (IOException e) {
                throw LocalFailures.of("giving " + directory + " to " + ownership, e);
            }
        }
    }
}
