package caravan.capture.rocksdb;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Captures a RocksDB whose node somebody else holds still for a moment. Only {@link #take} must lie in that moment, and
 * it is short: tables were linked before, and what the engine goes on changing is copied after, by the length it had.
 *
 * <p>Use: {@link #prepare}, {@link #take}, {@link #finish}; if that gives nothing, {@link #again} and anew. Not
 * thread-safe.
 */
public final class RocksDbTaking {

    private final RocksDbSource source;
    private final Path copy;
    private final Path hold;
    private final long freeSpaceFloorBytes;
    private final Linking linking;
    private final WindowHooks hooks;
    private final RetryClock clock;
    private final List<String> notes;
    private final boolean nodeEnds;

    private StableWindow window;

    RocksDbTaking(
            RocksDbSource source,
            Path copy,
            Path hold,
            long freeSpaceFloorBytes,
            Linking linking,
            WindowHooks hooks,
            RetryClock clock,
            List<String> notes,
            boolean nodeEnds) {
        this.source = source;
        this.copy = copy;
        this.hold = hold;
        this.freeSpaceFloorBytes = freeSpaceFloorBytes;
        this.linking = linking;
        this.hooks = hooks;
        this.clock = clock;
        this.notes = List.copyOf(notes);
        this.nodeEnds = nodeEnds;
    }

    /** Links every table file there is, while the node runs. */
    public void prepare() throws RefusedException, FailedException {
        window = new StableWindow(source.directory(), copy, hold, linking, hooks, clock);
        try {
            window.preLink();
        } catch (IOException e) {
            throw failures().refusedOrFailed(e);
        }
    }

    /**
     * Links the rest and fixes all lengths, while the node stands still.
     *
     * @throws FailedException if the database changed meanwhile, so the node did not stand still
     */
    public void take() throws CaravanException {
        try {
            if (!window.attemptStill()) {
                throw new FailedException(
                        "capturing " + source.directory() + ": it changed although its node stands still",
                        "somebody else writes to it: find out who has its files open");
            }
        } catch (BadFormatException e) {
            throw failures().damaged(e.getMessage());
        } catch (IOException e) {
            throw failures().refusedOrFailed(e);
        }
    }

    /**
     * Makes the copy and proves it, while the node runs again.
     *
     * @param last whether there will be no further try: then a log that should be there and is not is taken for a fact
     * @return none if the moment was unlucky, in the middle of an edit for example
     */
    public Optional<RocksDbCopy> finish(boolean last) throws CaravanException {
        try {
            hooks.held();
            Caught caught = Caught.by(window, source, copy, hold, freeSpaceFloorBytes, !last);
            if (caught.verdict() instanceof Verdict.Sound sound) {
                return Optional.of(caught.copy(notes, sound, 0));
            }
            if (caught.verdict() instanceof Verdict.Unlogged unlogged) {
                return Optional.of(caught.copy(notes, failures().ended(unlogged, nodeEnds), 0));
            }
            if (last && caught.verdict() instanceof Verdict.RequiredLogAbsent absent) {
                List<String> noted = new ArrayList<>(notes);
                noted.add(absent.reason() + ", although its node stood still");
                return Optional.of(caught.copy(noted, absent.otherwise(), 0));
            }
            if (last && caught.verdict() instanceof Verdict.Unsettled unsettled) {
                throw failures().damaged(unsettled.reason());
            }
            return Optional.empty();
        } catch (BadFormatException e) {
            throw failures().damaged(e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw failures().unsupported(e);
        } catch (IOException e) {
            throw failures().refusedOrFailed(e);
        }
    }

    /** Throws away what was taken. */
    public void again() throws IOException {
        for (Path directory : List.of(copy, hold)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    Files.delete(entry);
                }
            }
        }
    }

    private SourceFailures failures() {
        return new SourceFailures(source.directory());
    }
}
