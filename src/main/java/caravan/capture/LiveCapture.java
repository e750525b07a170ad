package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.capture.rocksdb.RocksDbCopy;
import caravan.capture.rocksdb.RocksDbSource;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Captures a database while its node runs on, without a pause: mode {@code live}. Only RocksDB can be captured so. */
public final class LiveCapture implements DatabaseCapture {

    /** Name of this mode in manifests and records. */
    public static final String MODE = "live";

    /** What is proven of every copy: MANIFEST, live files and write-ahead logs, but not the content of tables. */
    public static final String VERIFICATION = "structure";

    private final RocksDbCapture rocksDb;

    /** A capture that waits and retries by the machine's clock. */
    public LiveCapture() {
        this(new RocksDbCapture());
    }

    /** A capture by {@code rocksDb}. */
    public LiveCapture(RocksDbCapture rocksDb) {
        this.rocksDb = requireNonNull(rocksDb, "rocksDb");
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        for (StoreLocation store : stores) {
            requireLive(store);
        }
        Path stagePath = stageOutside(stores, request.stage());
        StageDirectory stage = StageDirectory.open(stagePath, request.database());
        try {
            long freeBytes = requireFreeSpace(stage.path(), request.freeSpaceFloorBytes());
            for (StoreLocation store : stores) {
                rocksDb.check(sourceOf(store), stage.path());
            }
            return capture(request, stores, stage, freeBytes);
        } catch (IOException e) {
            close(stage, e);
            throw new FailedException("capturing " + request.root() + " failed: " + e, "", e);
        } catch (CaravanException | RuntimeException e) {
            close(stage, e);
            throw e;
        }
    }

    @Override
    public List<String> check(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        List<String> lines = new ArrayList<>();
        for (StoreLocation store : stores) {
            requireLive(store);
            List<String> notes = rocksDb.check(sourceOf(store));
            lines.add(store.directory() + " (" + store.engine().wireName() + ", " + MODE + ")"
                    + (notes.isEmpty() ? "" : ": " + String.join("; ", notes)));
        }
        stageOutside(stores, request.stage());
        return lines;
    }

    private CapturedDatabase capture(
            CaptureRequest request, List<StoreLocation> stores, StageDirectory stage, long freeBytes)
            throws IOException, CaravanException {
        List<CapturedStore> captured = new ArrayList<>();
        List<StoreFiles> files = new ArrayList<>();
        for (int i = 0; i < stores.size(); i++) {
            StoreLocation store = stores.get(i);
            Path staged = stage.newDirectory("store-" + i);
            Path hold = stage.newDirectory("hold-" + i);
            RocksDbCopy copy = rocksDb.capture(sourceOf(store), staged, hold, request.freeSpaceFloorBytes());
            Files.delete(hold);
            captured.add(storeOf(request, store, copy));
            files.add(new StoreFiles(store, staged, copy.databaseIdentity(), copy.files()));
        }
        return new LiveDatabase(stage, captured, new CapturedFiles(files), freeBytes);
    }

    private static CapturedStore storeOf(CaptureRequest request, StoreLocation store, RocksDbCopy copy) {
        return new CapturedStore(
                new DatabaseStore(
                        store.path(), store.engine(), MODE, VERIFICATION, request.chunkSizeOf(store.engine())),
                copy.databaseIdentity(),
                copy.sequence(),
                copy.retries(),
                copy.window(),
                copy.notes());
    }

    private static RocksDbSource sourceOf(StoreLocation store) {
        return new RocksDbSource(store.directory(), store.names());
    }

    private static void requireLive(StoreLocation store) throws RefusedException, FailedException {
        if (store.engine() == Engine.UNKNOWN) {
            throw new RefusedException(
                    store.directory()
                            + " holds neither a RocksDB nor a ParityDB, so it is not known how its engine writes",
                    "only a copy while the node is stopped is safe: set caravan.database.<name>.capture=copy, with"
                            + " commands that stop and start the node");
        }
        if (store.engine() != Engine.ROCKSDB) {
            throw new RefusedException(
                    store.directory() + " is a ParityDB, which cannot be captured live: it changes its files in place",
                    "this release captures RocksDB; ParityDB needs a mode that stops or freezes the node, or a file"
                            + " system snapshot (freeze, stop, hook)");
        }
        try {
            MountRules.requireLocal(store.directory());
        } catch (IOException e) {
            throw new FailedException("finding the file system of " + store.directory() + " failed: " + e, "", e);
        }
    }

    /** The real path of the stage; it may be in the root, beside the stores, but in none of them. */
    private static Path stageOutside(List<StoreLocation> stores, Path stage) throws RefusedException, FailedException {
        Path absolute = stage.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new RefusedException(
                    "the stage " + stage + " cannot be made: the directory around it does not exist",
                    "create it, or name another place in caravan.database.<name>.stage-directory");
        }
        try {
            Path real = parent.toRealPath().resolve(absolute.getFileName());
            for (StoreLocation store : stores) {
                if (real.startsWith(store.directory()) || store.directory().startsWith(real)) {
                    throw new RefusedException(
                            "the stage " + stage + " is inside the database directory " + store.directory()
                                    + ", or around it",
                            "name a place beside it in caravan.database.<name>.stage-directory");
                }
            }
            return real;
        } catch (IOException e) {
            throw new FailedException("finding the stage " + stage + " failed: " + e, "", e);
        }
    }

    private static long requireFreeSpace(Path stage, long floorBytes) throws IOException, RefusedException {
        long free = Files.getFileStore(stage).getUsableSpace();
        if (free < floorBytes) {
            throw new RefusedException(
                    "only " + free + " bytes are free where the stage " + stage + " is, less than the floor of "
                            + floorBytes,
                    "free some space on that file system, or lower the floor");
        }
        return free;
    }

    private static void close(StageDirectory stage, Exception failure) {
        try {
            stage.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
