package caravan.capture.node;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A pause of a node that does not run: its locks are held, so that it cannot start in between. */
final class ClosedStores implements NodePause {

    private final List<LockedStore> stores;
    private final KeptLocks kept;
    private final PauseSteps steps;

    /** Takes their locks, for {@code longest} at most; none if somebody has one. */
    static Optional<ClosedStores> of(List<LockedStore> stores, Duration longest, PauseSteps steps) throws IOException {
        KeptLocks kept = KeptLocks.prepare(stores, longest);
        try {
            if (kept.take()) {
                return Optional.of(new ClosedStores(stores, kept, steps));
            }
            kept.close();
            return Optional.empty();
        } catch (IOException e) {
            kept.close();
            throw e;
        }
    }

    /** @param kept taken already */
    ClosedStores(List<LockedStore> stores, KeptLocks kept, PauseSteps steps) {
        this.stores = stores;
        this.kept = kept;
        this.steps = steps;
    }

    @Override
    public void begin() throws CaravanException {
        try {
            OpenFiles.requireNone(stores);
            steps.still();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Nobody waited. */
    @Override
    public Duration end() throws CaravanException {
        try {
            steps.taken();
            Optional<TransientException> broken = kept.broken();
            if (broken.isPresent()) {
                throw broken.get();
            }
            return Duration.ZERO;
        } catch (IOException e) {
            throw failed(e);
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        kept.close();
    }

    private FailedException failed(IOException cause) {
        return DiskFailures.of("looking whether the node is still down", cause);
    }
}
