package caravan.capture;

import caravan.capture.node.StopNode;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.failure.CaravanException;
import java.util.List;

/**
 * Captures a database between stopping its node and starting it again: mode {@code stop}. What is taken while the node is
 * down takes a moment; the pause is what stopping and starting takes.
 */
public final class StopCapture implements CaptureMode {

    private final PausedCapture capture;

    /** A capture that holds the node still by {@code node}. */
    public StopCapture(StopNode node) {
        this(node, new RocksDbCapture());
    }

    /** A capture that holds the node still by {@code node} and takes a RocksDB by {@code rocksDb}. */
    public StopCapture(StopNode node, RocksDbCapture rocksDb) {
        this.capture = new PausedCapture(mode(), node, new ShortTakings(rocksDb), 1);
    }

    @Override
    public String mode() {
        return "stop";
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
