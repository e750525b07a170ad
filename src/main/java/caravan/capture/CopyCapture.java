package caravan.capture;

import caravan.capture.node.NodeControl;
import caravan.capture.node.StopNode;

/**
 * Captures a database by copying all of it while its node is stopped, frozen or not running: mode {@code copy}. It is
 * right for every engine and every file system, and the node stands still for the whole copy.
 */
public final class CopyCapture extends PausedCapture {

    /** A capture that holds the node still by {@code node}. */
    public CopyCapture(NodeControl node) {
        super("copy", node, new CopyTakings(node.longest(), node instanceof StopNode), 1);
    }
}
