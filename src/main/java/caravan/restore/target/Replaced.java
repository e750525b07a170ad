package caravan.restore.target;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Moves out of a database what the snapshot does not have: an engine would replay an old log. Nothing is deleted. */
public final class Replaced {

    /** Between the name of a tree and the time at which something was moved out of it. */
    public static final String INFIX = ".caravan-replaced-";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Replaced() {}

    /**
     * Moves {@code files} into a new directory beside the tree, or within our own names in it if another file system
     * begins there, and removes {@code directories}, which must be empty by then. Returns when that is on the disk.
     *
     * @param directories inner ones first
     * @return the new directory; none if there was no file
     */
    public static List<Path> move(TargetTree tree, List<String> files, List<String> directories, Instant now)
            throws IOException {
        return move(tree, files, directories, now, TargetTree::sync);
    }

    /** The same, with {@code sync} called for each directory whose names have to be on the disk. */
    static List<Path> move(TargetTree tree, List<String> files, List<String> directories, Instant now, Sync sync)
            throws IOException {
        List<Path> made = files.isEmpty() ? List.of() : List.of(make(tree.root(), TIME.format(now)));
        for (Path directory : made) {
            sync.of(directory.getParent());
            try (TargetTree aside = TargetTree.open(directory)) {
                for (String file : files) {
                    aside.makeDirectories(TargetTree.parentOf(file));
                    tree.moveOut(file, aside, file);
                }
                aside.deleteWorkDirectory();
            }
            for (String parent : withAbove(files)) {
                sync.of(directory.resolve(parent));
            }
        }
        for (String directory : directories) {
            tree.deleteDirectory(directory);
        }
        for (String parent :
                withAbove(Stream.concat(files.stream(), directories.stream()).toList())) {
            if (parent.isEmpty() || tree.look(parent).isPresent()) {
                sync.of(tree.root().resolve(parent));
            }
        }
        return made;
    }

    /** The directories that hold {@code paths}, and those above them up to the root. */
    private static Set<String> withAbove(List<String> paths) {
        Set<String> all = new TreeSet<>();
        for (String path : paths) {
            String at = path;
            do {
                at = TargetTree.parentOf(at);
            } while (all.add(at) && !at.isEmpty());
        }
        return all;
    }

    private static Path make(Path root, String time) throws IOException {
        Path beside = root.resolveSibling(root.getFileName() + INFIX + time);
        boolean sameFileSystem = Files.getFileStore(root).equals(Files.getFileStore(root.getParent()))
                && Files.isWritable(root.getParent());
        Path directory = sameFileSystem ? beside : root.resolve(TargetTree.WORK + "-replaced-" + time);
        return Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Returns when the names in a directory are on the disk. */
    @FunctionalInterface
    interface Sync {
        void of(Path directory) throws IOException;
    }
}
