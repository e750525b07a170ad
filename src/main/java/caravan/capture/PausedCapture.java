package caravan.capture;

import caravan.capture.node.NodeControl;
import caravan.capture.node.NodeControl.LockedStore;
import caravan.capture.node.NodePause;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.NodeDownException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Captures a database while its node is held still: all its stores in one pause. What is slow is done before the pause
 * or after it, as far as the engines permit.
 */
abstract sealed class PausedCapture implements CaptureMode permits FreezeCapture, StopCapture, CopyCapture {

    private final String mode;
    private final NodeControl control;
    private final Takings takings;
    private final int mostPauses;

    /** @param mostPauses how often the node may be held still until a moment is caught that is whole */
    PausedCapture(String mode, NodeControl control, Takings takings, int mostPauses) {
        this.mode = mode;
        this.control = control;
        this.takings = takings;
        this.mostPauses = mostPauses;
    }

    @Override
    public final String mode() {
        return mode;
    }

    @Override
    public final CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        Path place = StagePlace.outside(request.root(), stores, request.stage());
        for (StoreLocation store : stores) {
            takings.check(store, request);
        }
        StageDirectory stage = StageDirectory.open(place, request.database());
        try {
            long needed = 0;
            for (StoreLocation store : stores) {
                needed += takings.bytesFor(store);
            }
            long freeBytes = StagePlace.requireFreeSpace(stage.path(), needed, request.freeSpaceFloorBytes());
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
    public final List<String> check(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        StagePlace.outside(request.root(), stores, request.stage());
        StagePlace.requireWritable(request.stage());
        List<String> lines = new ArrayList<>();
        for (StoreLocation store : stores) {
            List<String> notes = new ArrayList<>(takings.check(store, request));
            notes.add(control.check(List.of(locked(store))));
            lines.add(store.directory() + " (" + store.engine().wireName() + ", " + mode + "): "
                    + String.join("; ", notes));
        }
        return lines;
    }

    private CapturedDatabase capture(
            CaptureRequest request, List<StoreLocation> stores, StageDirectory stage, long freeBytes)
            throws IOException, CaravanException {
        List<StoreTaking> taking = new ArrayList<>();
        try {
            for (int i = 0; i < stores.size(); i++) {
                taking.add(takings.taking(request, stores.get(i), stage, i, mode));
            }
            Duration paused = Duration.ZERO;
            for (int pauses = 1; ; pauses++) {
                paused = paused.plus(
                        take(taking, stores.stream().map(PausedCapture::locked).toList()));
                List<StoreTaking.Taken> taken = finish(taking, pauses >= mostPauses);
                if (taken.size() == taking.size()) {
                    return new StagedDatabase(stage, taken, paused, takings.pins(), freeBytes);
                }
                for (StoreTaking store : taking) {
                    store.again();
                }
            }
        } finally {
            for (StoreTaking store : taking) {
                store.close();
            }
        }
    }

    /** Nothing that can wait stands between begin and end. */
    private Duration take(List<StoreTaking> taking, List<LockedStore> stores) throws IOException, CaravanException {
        for (StoreTaking store : taking) {
            store.prepare();
        }
        NodePause pause = control.prepare(stores);
        Duration lasted;
        try {
            requireNotInterrupted();
            pause.begin();
            for (StoreTaking store : taking) {
                store.take();
            }
            lasted = pause.end();
        } catch (IOException | CaravanException | RuntimeException | Error e) {
            letGo(pause, e);
            throw e;
        }
        pause.close();
        return lasted;
    }

    /** Who was told to stop leaves the node alone. */
    private static void requireNotInterrupted() throws TransientException {
        if (Thread.currentThread().isInterrupted()) {
            throw new TransientException(
                    "the capture was interrupted before the node was held still",
                    "the program was told to stop; run it again");
        }
    }

    /** That a node does not go on matters more than why its capture failed. */
    private static void letGo(NodePause pause, Throwable failure) throws NodeDownException {
        try {
            pause.close();
        } catch (NodeDownException e) {
            e.addSuppressed(failure);
            throw e;
        } catch (CaravanException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private static List<StoreTaking.Taken> finish(List<StoreTaking> taking, boolean last)
            throws IOException, CaravanException {
        List<StoreTaking.Taken> taken = new ArrayList<>();
        for (StoreTaking store : taking) {
            Optional<StoreTaking.Taken> finished = store.finish(last);
            if (finished.isEmpty()) {
                return List.of();
            }
            taken.add(finished.get());
        }
        return taken;
    }

    private static LockedStore locked(StoreLocation store) {
        return new LockedStore(store.directory(), store.engine().lockFile());
    }

    private static void close(StageDirectory stage, Exception failure) {
        try {
            stage.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
