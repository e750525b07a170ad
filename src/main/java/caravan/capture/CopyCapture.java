package caravan.capture;

import caravan.capture.node.NodeControl;
import caravan.failure.CaravanException;
import java.util.List;

/**
 * Captures a database by copying all of it while its node is stopped, frozen or not running: mode {@code copy}. It is
 * right for every engine and every file system, and the node stands still for the whole copy.
 */
public final class CopyCapture implements CaptureMode {

    private final PausedCapture capture;

    /** A capture that holds the node still by {@code node}. */
    public CopyCapture(NodeControl node) {
        this.capture = new PausedCapture(mode(), node, new CopyTakings(), 1);
    }

    @Override
    public String mode() {
        return "copy";
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
