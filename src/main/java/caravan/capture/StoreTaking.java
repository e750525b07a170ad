package caravan.capture;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.failure.CaravanException;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Takes one store into a stage, for a node that somebody holds still. Only {@link #take} lies in the pause. The caller
 * closes it, whatever comes of it.
 */
interface StoreTaking extends AutoCloseable {

    /** Does what can be done before, while the node runs. */
    void prepare() throws IOException, CaravanException;

    /** Takes what must be of one moment, while the node stands still. */
    void take() throws IOException, CaravanException;

    /**
     * Completes and proves the copy, while the node runs again.
     *
     * @param last whether there will be no further try
     * @return none if the moment was unlucky and another should be tried
     */
    Optional<Taken> finish(boolean last) throws IOException, CaravanException;

    /** Throws away what was taken, for another try. */
    void again() throws IOException;

    @Override
    void close() throws IOException;

    /** A store that was taken. */
    record Taken(CapturedStore store, StoreFiles files, List<SnapshotPath> emptyDirectories) {}
}
