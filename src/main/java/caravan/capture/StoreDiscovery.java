package caravan.capture;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the stores of a database.
 *
 * <p>Only the places are looked at where a Substrate node keeps a store: a node's directory also holds its secret keys
 * ({@code keystore/}, {@code network/}), so it is never walked. A nested store comes before the one around it: both are
 * committed independently, and what the relay chain's database says must not be older than what the inner one needs.
 */
final class StoreDiscovery {

    private static final String NESTED = "parachains/db";
    private static final List<String> KNOWN_PLACES = List.of("db/full", "paritydb/full", "paritydb/parachains");
    private static final Set<String> KEY_MATERIAL = Set.of("keystore", "network", "secret_ed25519");

    private final Path root;

    StoreDiscovery(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * The stores in the order of their capture, at least one, each of one known engine.
     *
     * @param configured paths relative to the root; empty to look in the known places
     */
    List<StoreLocation> find(List<String> configured) throws RefusedException, FailedException {
        try {
            requireDirectory();
            List<StoreLocation> stores = configured.isEmpty() ? discover() : named(configured);
            for (StoreLocation store : stores) {
                requireNoKeyMaterial(store.directory());
            }
            return stores.stream()
                    .sorted(Comparator.comparingInt(store -> isNested(store.path()) ? 0 : 1))
                    .toList();
        } catch (IOException e) {
            throw new FailedException("looking for a database in " + root + " failed: " + e, "", e);
        }
    }

    private List<StoreLocation> discover() throws IOException, RefusedException {
        List<StoreLocation> stores = new ArrayList<>();
        if (isStore("")) {
            addWithNested("", stores);
            return stores;
        }
        for (String place : KNOWN_PLACES) {
            if (isStore(place)) {
                addWithNested(place, stores);
            }
        }
        if (stores.isEmpty()) {
            throw nothingFound();
        }
        if (stores.stream().map(StoreLocation::engine).distinct().count() > 1) {
            throw new RefusedException(
                    root + " holds both a RocksDB and a ParityDB, and it is not known which one the node uses",
                    "remove the unused one, or name the stores in caravan.database.<name>.stores");
        }
        return stores;
    }

    private void addWithNested(String path, List<StoreLocation> stores) throws IOException, RefusedException {
        StoreLocation store = locate(path);
        stores.add(store);
        String nested = path.isEmpty() ? NESTED : path + "/" + NESTED;
        if (store.engine() == Engine.ROCKSDB && isStore(nested)) {
            stores.add(locate(nested));
        }
    }

    private List<StoreLocation> named(List<String> configured) throws IOException, RefusedException {
        List<StoreLocation> stores = new ArrayList<>();
        Set<String> seen = new TreeSet<>();
        for (String name : configured) {
            String path = name.equals(".") ? "" : name;
            try {
                path = path.isEmpty() ? "" : new SnapshotPath(path).value();
            } catch (IllegalArgumentException e) {
                throw new RefusedException(
                        "the store \"" + name + "\" of " + root + " cannot be published: " + e.getMessage(),
                        "a store is a path below the root, like db/full",
                        e);
            }
            if (!seen.add(path)) {
                throw new RefusedException("the store \"" + name + "\" of " + root + " is named twice", "");
            }
            if (!isStore(path)) {
                throw new RefusedException(
                        root.resolve(path) + " holds neither a RocksDB nor a ParityDB",
                        "a store is the directory that holds the file CURRENT (RocksDB) or metadata (ParityDB)");
            }
            stores.add(locate(path));
        }
        return stores;
    }

    private boolean isStore(String path) throws IOException {
        return !EngineDetection.enginesIn(root.resolve(path)).isEmpty();
    }

    private StoreLocation locate(String path) throws IOException, RefusedException {
        Path named = root.resolve(path);
        Path real = named.toRealPath();
        Set<Engine> engines = EngineDetection.enginesIn(named);
        if (engines.size() != 1) {
            throw new RefusedException(
                    named + " holds the files of both a RocksDB and a ParityDB",
                    "one directory belongs to one engine: find out which one the node uses, and move the other's files");
        }
        return new StoreLocation(
                path, real, Set.copyOf(List.of(named, real)), engines.iterator().next());
    }

    private void requireDirectory() throws RefusedException {
        if (!Files.exists(root)) {
            throw new RefusedException(
                    "there is no directory " + root, "set caravan.database.<name>.directory to <base>/chains/<id>");
        }
        if (!Files.isDirectory(root)) {
            throw new RefusedException(
                    root + " is not a directory", "set caravan.database.<name>.directory to <base>/chains/<id>");
        }
    }

    private RefusedException nothingFound() throws IOException {
        String found;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            found = entries.iterator().hasNext() ? "holds no database" : "is empty";
        }
        return new RefusedException(
                root + " " + found + ": neither a RocksDB nor a ParityDB is in it or in one of "
                        + String.join(", ", KNOWN_PLACES) + " below it",
                "set caravan.database.<name>.directory to <base>/chains/<id> of a node that has run at least once");
    }

    private static void requireNoKeyMaterial(Path directory) throws RefusedException {
        for (String name : new TreeSet<>(KEY_MATERIAL)) {
            if (Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                throw new RefusedException(
                        directory + " holds secret keys (" + name + ") beside its database files",
                        "a store must not be a directory in which a node keeps keys: move the database to its own");
            }
        }
    }

    private static boolean isNested(String path) {
        return path.equals(NESTED) || path.endsWith("/" + NESTED) || path.equals("paritydb/parachains");
    }
}
