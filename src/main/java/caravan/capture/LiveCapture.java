package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.rocksdb.LiveFiles;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.capture.rocksdb.RocksDbCopy;
import caravan.capture.rocksdb.RocksDbSource;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Captures a database while its node runs on, without a pause: mode {@code live}. Only RocksDB can be captured so. */
public final class LiveCapture implements CaptureMode {

    /** Name of this mode in manifests and records. */
    public static final String MODE = "live";

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
    public String mode() {
        return MODE;
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        for (StoreLocation store : stores) {
            requireLive(store);
        }
        Path stagePath = StagePlace.outside(request.root(), stores, request.stage());
        StageDirectory stage = StageDirectory.open(stagePath, request.database());
        try {
            long freeBytes = StagePlace.requireFreeSpace(stage.path(), 0, request.freeSpaceFloorBytes());
            for (StoreLocation store : stores) {
                rocksDb.check(sourceOf(store), stage.path());
            }
            return capture(request, stores, stage, freeBytes);
        } catch (IOException e) {
            close(stage, e);
            throw DiskFailures.of("capturing " + request.root(), e);
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
            StagePlace.requireSameFileSystem(store, request.stage());
            requireLinks(store);
            List<String> notes = rocksDb.check(sourceOf(store));
            LiveFiles.require(store.directory());
            lines.add(store.directory() + " (" + store.engine().wireName() + ", " + MODE + ")"
                    + (notes.isEmpty() ? "" : ": " + String.join("; ", notes)));
        }
        StagePlace.outside(request.root(), stores, request.stage());
        StagePlace.requireWritable(request.stage());
        return lines;
    }

    private CapturedDatabase capture(
            CaptureRequest request, List<StoreLocation> stores, StageDirectory stage, long freeBytes)
            throws IOException, CaravanException {
        List<StoreTaking.Taken> taken = new ArrayList<>();
        for (int i = 0; i < stores.size(); i++) {
            StoreLocation store = stores.get(i);
            Path staged = stage.newDirectory("store-" + i);
            Path hold = stage.newDirectory("hold-" + i);
            RocksDbCopy copy = rocksDb.capture(sourceOf(store), staged, hold, request.freeSpaceFloorBytes());
            Files.delete(hold);
            taken.add(new StoreTaking.Taken(
                    StoreDescription.of(request, store, MODE).captured(copy),
                    new StoreFiles(store, staged, copy.databaseIdentity(), copy.files()),
                    List.of()));
        }
        return new StagedDatabase(stage, taken, Duration.ZERO, true, freeBytes);
    }

    private static void requireLinks(StoreLocation store) throws RefusedException, FailedException {
        try {
            LinkRights.require(store);
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + store.directory(), e);
        }
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
                    "set caravan.database.<name>.capture to hook (a snapshot of the file system), to freeze if the file"
                            + " system is XFS or btrfs, or to copy, which pauses the node for the whole copy");
        }
        try {
            MountRules.requireLocal(store.directory());
        } catch (IOException e) {
            throw DiskFailures.of("finding the file system of " + store.directory(), e);
        }
    }

    private static void close(StageDirectory stage, Exception failure) {
        try {
            stage.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
