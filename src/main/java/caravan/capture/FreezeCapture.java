package caravan.capture;

import caravan.capture.node.FreezeNode;
import caravan.capture.rocksdb.RocksDbCapture;

/**
 * Captures a database while its node is frozen for some milliseconds, by links made before and the few that are left:
 * mode {@code freeze}. A ParityDB can be captured so where its file system shares blocks between files.
 */
public final class FreezeCapture extends PausedCapture {

    /** A capture that holds the node still by {@code node}. */
    public FreezeCapture(FreezeNode node) {
        this(node, new RocksDbCapture());
    }

    /** A capture that holds the node still by {@code node} and takes a RocksDB by {@code rocksDb}. */
    public FreezeCapture(FreezeNode node, RocksDbCapture rocksDb) {
        super("freeze", node, new ShortTakings(rocksDb, node.longest(), false), 4);
    }
}
