package caravan.capture.rocksdb;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What came of one moment that was caught by links; its verdict is never {@link Verdict.Damaged}. */
record Caught(Verdict verdict, Cut cut, CopyBuilder builder) {

    /**
     * Makes the copy of the moment that {@code window} has caught, and proves it.
     *
     * @param settle whether to leave off at once if the oldest log that recovery may need was not there
     * @throws BadFormatException if it is damaged
     */
    static Caught by(
            StableWindow window, RocksDbSource source, Path copy, Path hold, long freeSpaceFloorBytes, boolean settle)
            throws IOException, BadFormatException, UnsupportedFormatException, RefusedException {
        Cut cut = window.cut();
        CopyBuilder builder = new CopyBuilder(source.directory(), copy, hold, freeSpaceFloorBytes);
        Verdict verdict = builder.build(cut, window.linkedTables(), settle);
        if (verdict instanceof Verdict.Damaged damage) {
            throw new BadFormatException(damage.reason());
        }
        return new Caught(
                verdict instanceof Verdict.Unsettled ? verdict : checkOptions(source, copy, cut, verdict),
                cut,
                builder);
    }

    RocksDbCopy copy(List<String> notes, Verdict.Sound sound, int retries) throws IOException {
        List<String> all = new ArrayList<>(notes);
        all.addAll(sound.notes());
        return new RocksDbCopy(
                builder.files(),
                builder.databaseIdentity(),
                sound.lastSequence(),
                retries,
                Duration.ofNanos(cut.windowNanos()),
                all);
    }

    /** The settings may have changed, with a restart, since they were checked in the source. */
    private static Verdict checkOptions(RocksDbSource source, Path copy, Cut cut, Verdict verdict)
            throws IOException, RefusedException {
        Optional<Cut.HeldFile> options = cut.small().stream()
                .filter(file -> EngineFile.of(file.name()).kind() == EngineFile.Kind.OPTIONS)
                .findFirst();
        if (options.isEmpty()) {
            return new Verdict.Unsettled("its OPTIONS file was replaced during the window");
        }
        new Preconditions(source).checkOptions(copy.resolve(options.get().name()));
        return verdict;
    }
}
