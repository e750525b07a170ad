package caravan.capture;

import caravan.disk.DiskFailures;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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

    private final Path root;

    StoreDiscovery(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /**
     * The stores in the order of their capture, at least one. Only one that is configured may be of an unknown engine.
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
        } catch (AccessDeniedException e) {
            throw new RefusedException(
                    "looking for a database in " + root + ": reading " + e.getMessage() + " is not permitted",
                    "run as the node's user (its uid), to whom these files belong",
                    e);
        } catch (IOException e) {
            throw DiskFailures.of("looking for a database in " + root, e);
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
                throw new RefusedException(
                        "the store \"" + name + "\" of " + root + " is named twice",
                        "name each store once in caravan.database.<name>.stores");
            }
            requireNotEmpty(root.resolve(path));
            stores.add(locate(path));
        }
        requireNothingInUnknown(stores);
        return stores;
    }

    /** All that is in the directory of an unknown engine is its own, so no other store can be in there. */
    private void requireNothingInUnknown(List<StoreLocation> stores) throws RefusedException {
        for (StoreLocation outer : stores) {
            for (StoreLocation inner : stores) {
                if (outer.engine() == Engine.UNKNOWN
                        && !inner.equals(outer)
                        && inner.directory().startsWith(outer.directory())) {
                    throw new RefusedException(
                            "the store \"" + inner.path() + "\" of " + root + " is inside \"" + outer.path()
                                    + "\", whose engine is not known",
                            "name the stores that lie beside one another in caravan.database.<name>.stores");
                }
            }
        }
    }

    private static void requireNotEmpty(Path directory) throws IOException, RefusedException {
        String hint = "a store is the directory that holds the file CURRENT (RocksDB) or metadata (ParityDB)";
        if (!Files.isDirectory(directory)) {
            throw new RefusedException("there is no directory " + directory, hint);
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (!entries.iterator().hasNext()) {
                throw new RefusedException(directory + " is empty", hint);
            }
        }
    }

    private boolean isStore(String path) throws IOException {
        return !EngineDetection.enginesIn(root.resolve(path)).isEmpty();
    }

    private StoreLocation locate(String path) throws IOException, RefusedException {
        Path named = root.resolve(path);
        Path real = named.toRealPath();
        Set<Engine> engines = EngineDetection.enginesIn(named);
        if (engines.size() > 1) {
            throw new RefusedException(
                    named + " holds the files of both a RocksDB and a ParityDB",
                    "one directory belongs to one engine: find out which one the node uses, and move the other's files");
        }
        Engine engine = engines.isEmpty() ? Engine.UNKNOWN : engines.iterator().next();
        return new StoreLocation(path, real, Set.copyOf(List.of(named, real)), engine);
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
                "set caravan.database.<name>.directory to <base>/chains/<id> of a node that has run at least once. If the"
                        + " database is of another engine, name it in caravan.database.<name>.stores, with capture=copy");
    }

    private static void requireNoKeyMaterial(Path directory) throws IOException, RefusedException {
        if (KeyMaterial.isNamed(directory.getFileName().toString())) {
            throw new RefusedException(
                    directory + " is where a node keeps secret keys, and no store", "publish only its database");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                directory, entry -> KeyMaterial.isNamed(entry.getFileName().toString()))) {
            for (Path entry : entries) {
                throw new RefusedException(
                        directory + " holds secret keys (" + entry.getFileName() + ") beside its database files",
                        "a store must not be a directory in which a node keeps keys: move the database to its own");
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static boolean isNested(String path) {
        return path.equals(NESTED) || path.endsWith("/" + NESTED) || path.equals("paritydb/parachains");
    }
}
