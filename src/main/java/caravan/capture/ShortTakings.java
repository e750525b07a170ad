package caravan.capture;

import caravan.capture.rocksdb.LiveFiles;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.capture.rocksdb.RocksDbSource;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What takes a moment whatever the size: hard links for a RocksDB, shared blocks for a ParityDB. Links are never a copy
 * of a ParityDB, not even of a stopped one: the links change as soon as it goes on.
 */
final class ShortTakings implements Takings {

    private final RocksDbCapture rocksDb;
    private final Duration limit;
    private final boolean nodeEnds;

    /**
     * A way of taking.
     *
     * @param limit how long sharing the blocks of one store may take
     * @param nodeEnds whether the node ends for it, and does not only stand still
     */
    ShortTakings(RocksDbCapture rocksDb, Duration limit, boolean nodeEnds) {
        this.rocksDb = rocksDb;
        this.limit = limit;
        this.nodeEnds = nodeEnds;
    }

    @Override
    public List<String> check(StoreLocation store, CaptureRequest request) throws CaravanException {
        if (store.engine() == Engine.UNKNOWN) {
            throw new RefusedException(
                    store.directory()
                            + " holds neither a RocksDB nor a ParityDB, so it is not known how its engine writes",
                    "only a copy while the node is stopped is safe: set caravan.database.<name>.capture=copy, with"
                            + " stop-command and start-command");
        }
        StagePlace.requireSameFileSystem(store, request.stage());
        try {
            MountRules.requireLocal(store.directory());
            if (store.engine() == Engine.ROCKSDB) {
                LinkRights.require(store);
                List<String> notes = rocksDb.check(new RocksDbSource(store.directory(), store.names()));
                LiveFiles.require(store.directory());
                return notes;
            }
            MountRules.requireReflink(store.directory());
            return ParityDbFiles.of(store.directory()).notes();
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + store.directory(), e);
        }
    }

    @Override
    public long bytesFor(StoreLocation store) {
        return 0;
    }

    @Override
    public boolean pins() {
        return true;
    }

    @Override
    public StoreTaking taking(
            CaptureRequest request, StoreLocation store, StageDirectory stage, int number, String mode)
            throws IOException, CaravanException {
        StoreDescription description = StoreDescription.of(request, store, mode);
        if (store.engine() == Engine.PARITYDB) {
            FileCloning.requireSharing(store.directory(), "metadata", stage.probe());
            return new CopiedStore(description, Takings.directoryIn(stage, number), true, limit, nodeEnds);
        }
        Path hold = stage.newDirectory("hold-" + number);
        Path staged = Takings.directoryIn(stage, number);
        return new LinkedRocksDb(
                description,
                staged,
                hold,
                rocksDb.taking(
                        new RocksDbSource(store.directory(), store.names()),
                        staged,
                        hold,
                        request.freeSpaceFloorBytes(),
                        nodeEnds));
    }
}
