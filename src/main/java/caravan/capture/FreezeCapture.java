package caravan.capture;

import caravan.capture.node.FreezeNode;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.failure.CaravanException;
import java.util.List;

/**
 * Captures a database while its node is frozen for some milliseconds, by links made before and the few that are left: mode
 * {@code freeze}. A ParityDB can be captured so where its file system shares blocks between files.
 */
public final class FreezeCapture implements CaptureMode {

    private final PausedCapture capture;

    /** A capture that holds the node still by {@code node}. */
    public FreezeCapture(FreezeNode node) {
        this(node, new RocksDbCapture());
    }

    /** A capture that holds the node still by {@code node} and takes a RocksDB by {@code rocksDb}. */
    public FreezeCapture(FreezeNode node, RocksDbCapture rocksDb) {
        this.capture = new PausedCapture(mode(), node, new ShortTakings(rocksDb), 4);
    }

    @Override
    public String mode() {
        return "freeze";
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        return capture.capture(request);
    }

    @Override
    public List<String> check(CaptureRequest request) throws CaravanException {
        return capture.check(request);
    }
}
