package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a restore into a directory does to it. */
public sealed interface Target {

    /** The directory as asked for, without a link in its path. */
    Path directory();

    /** Where the files are written. */
    Path root();

    /**
     * Nothing is there yet: the tree is built beside it, on the same file system, and renamed when it is complete.
     *
     * @param root sibling whose name ends in {@value #INCOMPLETE}; may be there already, from a restore that was ended
     */
    record Fresh(Path directory, Path root) implements Target {}

    /**
     * A database is there and is made equal to the snapshot; or the directory is empty but cannot be renamed to,
     * because something is mounted on it or its parent is not ours.
     */
    record InPlace(Path directory) implements Target {

        @Override
        public Path root() {
            return directory;
        }
    }

    /** How the name of a tree ends that is not complete. */
    String INCOMPLETE = ".caravan-incomplete";

    /** Present in a directory whose restore in place has begun and not ended. */
    String MARKER = TargetTree.WORK + "/restore";

    /**
     * What a Substrate node keeps in the directory of its chain beside databases; a validator brings its keys first.
     */
    Set<String> BESIDE_DATABASES = Set.of("keystore", "network");

    /**
     * Looks at {@code given} and changes nothing.
     *
     * @param restoredBefore whether we remember having restored this very directory
     * @throws RefusedException if it is something else than a place for this database
     */
    static Target choose(Path given, ManifestHeader header, boolean restoredBefore) throws CaravanException {
        try {
            Path directory = locate(given);
            Path stage = directory.resolveSibling(directory.getFileName() + INCOMPLETE);
            if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return fresh(directory, stage);
            }
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw new RefusedException(directory + " is not a directory", "name a directory to restore into");
            }
            List<String> names = names(directory);
            if (names.isEmpty()) {
                return cannotBeRenamedTo(directory) ? new InPlace(directory) : fresh(directory, stage);
            }
            boolean begun = Files.exists(directory.resolve(MARKER), LinkOption.NOFOLLOW_LINKS);
            if (begun
                    || BESIDE_DATABASES.containsAll(names)
                    || names.equals(List.of(TargetTree.WORK))
                    || holdsDatabase(directory, header, restoredBefore)) {
                return new InPlace(directory);
            }
            throw new RefusedException(
                    directory + " is not empty and holds no database of this snapshot: found "
                            + names.stream().limit(5).collect(Collectors.joining(", ")),
                    "name an empty or new directory, or the root of the database that is to be replaced");
        } catch (IOException e) {
            throw LocalFailures.of("looking at " + given, e);
        }
    }

    /** {@code given} without links in its path; its parent must exist. */
    static Path locate(Path given) throws CaravanException {
        Path absolute = given.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null) {
            throw new RefusedException("the root of the file system is no target", "name a directory of its own");
        }
        try {
            if (Files.exists(absolute)) {
                return absolute.toRealPath();
            }
            if (Files.isSymbolicLink(absolute)) {
                throw new RefusedException(absolute + " is a link to nothing", "remove it or make what it names");
            }
            if (!Files.isDirectory(parent)) {
                throw new RefusedException(
                        "the directory " + parent + " does not exist",
                        "is the disk mounted? If it is to be made: mkdir -p " + parent);
            }
            return parent.toRealPath().resolve(absolute.getFileName());
        } catch (IOException e) {
            throw LocalFailures.of("looking at " + given, e);
        }
    }

    private static Fresh fresh(Path directory, Path stage) throws IOException, CaravanException {
        if (Files.exists(stage, LinkOption.NOFOLLOW_LINKS)) {
            boolean ours =
                    Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS) && Files.isWritable(stage) && isOwn(stage);
            if (!ours) {
                throw new RefusedException(
                        stage + " is in the way: it is no directory of ours",
                        "look at what it is and remove it; a restore is built under this name");
            }
        }
        return new Fresh(directory, stage);
    }

    /** Whether the process's user owns it; {@code /proc/self} is the process's own (proc(5)). */
    private static boolean isOwn(Path stage) throws IOException {
        Path self = Path.of("/proc/self");
        return !Files.exists(self) || Files.getOwner(self).equals(Files.getOwner(stage, LinkOption.NOFOLLOW_LINKS));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> list = Files.list(directory)) {
            return list.map(path -> path.getFileName().toString())
                    .filter(name -> !name.equals("lost+found"))
                    .sorted()
                    .limit(6)
                    .toList();
        }
    }

    /** Somebody else's parent, or a file system of its own. */
    private static boolean cannotBeRenamedTo(Path directory) throws IOException {
        return !Files.isWritable(directory.getParent())
                || !Files.getFileStore(directory).equals(Files.getFileStore(directory.getParent()))
                || Files.exists(directory.resolve("lost+found"), LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean holdsDatabase(Path directory, ManifestHeader header, boolean restoredBefore) {
        return header.stores().stream().anyMatch(store -> isThere(directory, store, restoredBefore));
    }

    /**
     * A store is told by its seal; one of an engine we do not know has none, and a copy of ours may have lost it since:
     * there the directory of the store is enough.
     */
    private static boolean isThere(Path directory, DatabaseStore store, boolean restoredBefore) {
        boolean unknown = store.engine() == Engine.UNKNOWN;
        if (!unknown && Files.isRegularFile(directory.resolve(store.seal()), LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (store.path().isEmpty()) {
            return unknown && restoredBefore;
        }
        return (unknown || restoredBefore)
                && Files.isDirectory(directory.resolve(store.path()), LinkOption.NOFOLLOW_LINKS);
    }
}
