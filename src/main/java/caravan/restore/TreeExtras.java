package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.EngineLocks;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What lies in a tree and is not in a manifest. Looks into the stores alone, or everywhere; never at our own directory
 * and, in a directory of the manifest, not at an engine's lock file. In one that has to go, that goes with the rest.
 */
final class TreeExtras {

    /** In the root of a file system: what a check of it found, and nobody's but the system's. */
    private static final String RECOVERED = "lost+found";

    private final List<String> files = new ArrayList<>();
    private final List<String> directories = new ArrayList<>();
    private final List<String> obstacles = new ArrayList<>();

    private TreeExtras() {}

    /** Files, links and whatever else is no directory. */
    List<String> files() {
        return files;
    }

    /** Directories, inner ones first. */
    List<String> directories() {
        return directories;
    }

    /** Links and the like where the snapshot has a directory. */
    List<String> obstacles() {
        return obstacles;
    }

    /** Finds them below {@code root}. */
    static TreeExtras find(Path root, ManifestFile manifest, boolean everywhere)
            throws CaravanException, InterruptedException {
        Listed listed = new Listed();
        manifest.read(listed);
        TreeExtras extras = new TreeExtras();
        try {
            Files.walkFileTree(root, extras.new Walk(root, listed, everywhere));
            return extras;
        } catch (IOException e) {
            throw LocalFailures.of("listing " + root, e);
        }
    }

    private static final class Listed implements ManifestVisitor {

        private final Set<String> files = new HashSet<>();
        private final Set<String> directories = new HashSet<>();
        private List<DatabaseStore> stores = List.of();

        @Override
        public void header(ManifestHeader header) {
            stores = header.stores();
            stores.forEach(store -> addDirectory(store.path()));
        }

        @Override
        public void file(FileEntry file) {
            files.add(file.path().value());
            addDirectory(TargetTree.parentOf(file.path().value()));
        }

        @Override
        public void directory(SnapshotPath path) {
            addDirectory(path.value());
        }

        private void addDirectory(String path) {
            String at = path;
            while (!at.isEmpty() && directories.add(at)) {
                at = TargetTree.parentOf(at);
            }
        }

        private boolean keeps(String directory) {
            return directory.isEmpty() || directories.contains(directory);
        }

        private boolean isInStore(String path) {
            return stores.stream().anyMatch(store -> store.path().isEmpty() || path.startsWith(store.path() + "/"));
        }
    }

    private final class Walk extends SimpleFileVisitor<Path> {

        private final Path root;
        private final Listed listed;
        private final boolean everywhere;

        Walk(Path root, Listed listed, boolean everywhere) {
            this.root = root;
            this.listed = listed;
            this.everywhere = everywhere;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String path = root.relativize(directory).toString();
            boolean recovered = path.equals(RECOVERED) && !listed.keeps(path);
            return path.startsWith(TargetTree.WORK) || recovered
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        /** What may not be looked at is of no concern outside the stores, such as another user's directory. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            String path = root.relativize(file).toString();
            if (concerns(path) || listed.keeps(path)) {
                throw failure;
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            String path = root.relativize(directory).toString();
            if (!listed.keeps(path) && concerns(path)) {
                directories.add(path);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String path = root.relativize(file).toString();
            if (listed.directories.contains(path) && !attributes.isRegularFile()) {
                obstacles.add(path);
                return FileVisitResult.CONTINUE;
            }
            boolean lock = !everywhere && EngineLocks.isLockFile(path) && listed.keeps(TargetTree.parentOf(path));
            if (!listed.files.contains(path) && !lock && concerns(path)) {
                files.add(path);
            }
            return FileVisitResult.CONTINUE;
        }

        private boolean concerns(String path) {
            boolean own = path.startsWith(TargetTree.WORK) || path.equals(RECOVERED);
            return !own && (everywhere || listed.isInStore(path));
        }
    }
}
