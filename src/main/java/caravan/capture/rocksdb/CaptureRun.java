package caravan.capture.rocksdb;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One capture of one database, with all its tries. */
final class CaptureRun {

    /** How often a capture is repeated that held and yet lacks something, before that is taken for a fact. */
    static final int MAX_ROUNDS = 4;

    private final RocksDbSource source;
    private final Path copy;
    private final Path hold;
    private final long freeSpaceFloorBytes;
    private final Linking linking;
    private final WindowHooks hooks;
    private final RetryClock clock;
    private final Patience patience;

    CaptureRun(
            RocksDbSource source,
            Path copy,
            Path hold,
            long freeSpaceFloorBytes,
            Linking linking,
            WindowHooks hooks,
            RetryClock clock) {
        this.source = source;
        this.copy = copy;
        this.hold = hold;
        this.freeSpaceFloorBytes = freeSpaceFloorBytes;
        this.linking = linking;
        this.hooks = hooks;
        this.clock = clock;
        this.patience = new Patience(clock);
    }

    RocksDbCopy run(List<String> notes)
            throws IOException, InterruptedException, BadFormatException, UnsupportedFormatException, CaravanException {
        for (int round = 1; round < MAX_ROUNDS; round++) {
            Caught tried = round(true);
            requireLogged(tried);
            if (tried.verdict() instanceof Verdict.Sound sound) {
                return tried.copy(notes, sound, patience.failedTries());
            }
            tryAgain();
            empty(copy);
            empty(hold);
        }
        Caught last = round(false);
        requireLogged(last);
        if (last.verdict() instanceof Verdict.Sound sound) {
            return last.copy(notes, sound, patience.failedTries());
        }
        if (last.verdict() instanceof Verdict.RequiredLogAbsent absent) {
            List<String> noted = new ArrayList<>(notes);
            noted.add(absent.reason() + "; the last of " + MAX_ROUNDS + " captures, during none of which anything that"
                    + " is needed can have been deleted, still says so");
            return last.copy(noted, absent.otherwise(), patience.failedTries());
        }
        throw new BadFormatException(((Verdict.Unsettled) last.verdict()).reason());
    }

    private void requireLogged(Caught caught) throws RefusedException {
        if (caught.verdict() instanceof Verdict.Unlogged unlogged) {
            throw new SourceFailures(source.directory()).unlogged(unlogged);
        }
    }

    private Caught round(boolean settle)
            throws IOException, InterruptedException, BadFormatException, UnsupportedFormatException, CaravanException {
        StableWindow window = new StableWindow(source.directory(), copy, hold, linking, hooks, clock);
        window.preLink();
        patience.begin();
        while (!window.attempt()) {
            tryAgain();
        }
        hooks.held();
        return Caught.by(window, source, copy, hold, freeSpaceFloorBytes, settle);
    }

    private void tryAgain() throws InterruptedException, TransientException {
        if (!patience.tryAgain()) {
            throw new TransientException(
                    "capturing " + source.directory() + ": it changed during each of " + patience.failedTries()
                            + " tries in " + patience.elapsed().toSeconds() + " s",
                    "the node is compacting heavily: try again later, or use a capture mode that pauses it");
        }
    }

    private static void empty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                Files.delete(entry);
            }
        }
    }
}
