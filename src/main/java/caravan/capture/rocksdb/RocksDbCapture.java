package caravan.capture.rocksdb;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Captures one RocksDB that a running node goes on writing, without its library and without a pause: links in a stable
 * window, then a copy of what the engine goes on changing, then a proof by structure.
 *
 * <p>It has no state; it is safe for use by many threads.
 */
public final class RocksDbCapture {

    private final Linking linking;
    private final WindowHooks hooks;
    private final RetryClock clock;

    /** A capture with the machine's clock. */
    public RocksDbCapture() {
        this(Files::createLink, WindowHooks.NONE, RetryClock.SYSTEM);
    }

    RocksDbCapture(Linking linking, WindowHooks hooks, RetryClock clock) {
        this.linking = linking;
        this.hooks = hooks;
        this.clock = clock;
    }

    /**
     * Checks, without changing anything anywhere, that {@code source} may be captured: its files and its options.
     *
     * @return notes about what a capture leaves out
     * @throws RefusedException if a precondition does not hold
     * @throws FailedException if it could not be found out
     */
    public List<String> check(RocksDbSource source) throws RefusedException, FailedException {
        Preconditions preconditions = new Preconditions(source);
        try {
            List<String> notes = preconditions.checkEntries();
            preconditions.checkOptions();
            return notes;
        } catch (IOException e) {
            throw new SourceFailures(source.directory()).refusedOrFailed(e);
        }
    }

    /**
     * Checks, without a capture, that {@code source} may be captured into {@code stage}.
     *
     * @param stage existing directory
     * @return notes about what a capture leaves out
     * @throws RefusedException if a precondition does not hold
     * @throws FailedException if it could not be found out
     */
    public List<String> check(RocksDbSource source, Path stage) throws RefusedException, FailedException {
        List<String> notes = check(source);
        try {
            Path probe = stage.resolve("link-probe");
            Files.deleteIfExists(probe);
            linking.link(probe, source.directory().resolve("CURRENT"));
            Files.delete(probe);
            return notes;
        } catch (IOException e) {
            throw new SourceFailures(source.directory()).refusedOrFailed(e);
        }
    }

    /**
     * Prepares a capture of {@code source} for a moment in which its node stands still, and checks the preconditions.
     *
     * @param copy existing, empty directory that becomes the copy
     * @param hold existing, empty directory on the same mount, for the time of the capture
     * @param freeSpaceFloorBytes no copying that leaves less space than this
     * @param nodeEnds whether the node ends for that moment; otherwise it goes on after it with what it had in memory
     */
    public RocksDbTaking taking(RocksDbSource source, Path copy, Path hold, long freeSpaceFloorBytes, boolean nodeEnds)
            throws RefusedException, FailedException {
        List<String> notes = check(source, hold);
        return new RocksDbTaking(source, copy, hold, freeSpaceFloorBytes, linking, hooks, clock, notes, nodeEnds);
    }

    /**
     * Captures {@code source}. The preconditions are checked again.
     *
     * @param copy existing, empty directory that becomes the copy
     * @param hold existing, empty directory on the same mount, for the time of the capture
     * @param freeSpaceFloorBytes no copying that leaves less space than this
     * @throws RefusedException if a precondition does not hold
     * @throws DamagedException if the copy is not sound although the window held
     * @throws TransientException if no window held, or the thread was interrupted
     * @throws FailedException if reading or linking failed
     */
    public RocksDbCopy capture(RocksDbSource source, Path copy, Path hold, long freeSpaceFloorBytes)
            throws CaravanException {
        SourceFailures failures = new SourceFailures(source.directory());
        List<String> notes = check(source, hold);
        try {
            return new CaptureRun(source, copy, hold, freeSpaceFloorBytes, linking, hooks, clock).run(notes);
        } catch (BadFormatException e) {
            throw failures.damaged(e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw failures.unsupported(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException(
                    "capturing " + source.directory() + " was interrupted",
                    "it was stopped from outside; run it again",
                    e);
        } catch (IOException e) {
            throw failures.refusedOrFailed(e);
        }
    }
}
