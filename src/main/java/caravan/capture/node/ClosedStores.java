package caravan.capture.node;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A pause of a node that does not run: its locks are held, so that it cannot start in between. */
final class ClosedStores implements NodePause {

    private final Locks locks;
    private final PauseSteps steps;
    private List<HeldLock> held = List.of();

    ClosedStores(Locks locks, PauseSteps steps) {
        this.locks = locks;
        this.steps = steps;
    }

    @Override
    public void begin() throws CaravanException {
        try {
            held = locks.take()
                    .orElseThrow(() -> new RefusedException(
                            "somebody who cannot be seen from here has the database open (" + locks + ")",
                            "if the node runs in a container, Caravan must share its process namespace (pid)"));
            steps.still();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Nobody waited. */
    @Override
    public Duration end() throws CaravanException {
        close();
        return Duration.ZERO;
    }

    @Override
    public void close() throws CaravanException {
        try {
            Locks.release(held);
            held = List.of();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private FailedException failed(IOException cause) {
        return new FailedException("locking " + locks + " failed: " + cause, "", cause);
    }
}
