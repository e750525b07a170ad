package caravan.capture;

import caravan.capture.node.StopNode;
import caravan.capture.rocksdb.RocksDbCapture;

/**
 * Captures a database between stopping its node and starting it again: mode {@code stop}. What is taken while the node
 * is down takes a moment; the pause is what stopping and starting takes.
 */
public final class StopCapture extends PausedCapture {

    /** A capture that holds the node still by {@code node}. */
    public StopCapture(StopNode node) {
        this(node, new RocksDbCapture());
    }

    /** A capture that holds the node still by {@code node} and takes a RocksDB by {@code rocksDb}. */
    public StopCapture(StopNode node, RocksDbCapture rocksDb) {
        super("stop", node, new ShortTakings(rocksDb, node.longest(), true), 1);
    }
}
