package caravan.capture.rocksdb;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A RocksDB directory that nobody writes: a full copy, or a file system's snapshot. Nothing in it is changed.
 *
 * <p>Since every file holds still, what the engine does with its logs is of no matter; all that is asked of its
 * settings is that everything is in this directory.
 */
public final class StillRocksDb {

    private final Path directory;
    private final Set<Path> names;
    private final boolean nodeEnded;
    private final SourceFailures failures;

    /**
     * A directory to read.
     *
     * @param names every path by which the engine knows the directory this is a copy of
     * @param nodeEnded whether the node had ended when it was copied
     */
    public StillRocksDb(Path directory, Set<Path> names, boolean nodeEnded) {
        this.nodeEnded = nodeEnded;
        this.directory = requireNonNull(directory, "directory");
        this.names = Set.copyOf(names);
        this.failures = new SourceFailures(directory);
    }

    /** Checks that {@code source}, which a node may be writing, is one whose files are all in its directory. */
    public static List<String> check(RocksDbSource source) throws RefusedException, FailedException {
        Preconditions preconditions = new Preconditions(source);
        try {
            List<String> notes = preconditions.checkEntries();
            preconditions.checkPlaces();
            return notes;
        } catch (IOException e) {
            throw new SourceFailures(source.directory()).refusedOrFailed(e);
        }
    }

    /** Names of the files that a copy of {@code source} needs, as it is now. */
    public static List<String> namesIn(Path source) throws IOException {
        return SourceListing.of(source).stream()
                .filter(StillRocksDb::isPart)
                .map(EngineFile::name)
                .toList();
    }

    /** Content of IDENTITY in {@code directory}; empty if there is none or it is not one short line. */
    public static String identityIn(Path directory) throws IOException {
        return CopyBuilder.identityIn(directory);
    }

    /** Whether the engine never changes a file of this name once it is complete. */
    public static boolean isWriteOnce(String name) {
        return EngineFile.of(name).isWriteOnce();
    }

    /**
     * Proves the database by its structure, and lists the files that belong to it.
     *
     * @param last whether there will be no further try
     * @return none if it was caught in the middle of an edit
     */
    public Optional<RocksDbCopy> read(boolean last) throws CaravanException {
        try {
            List<String> notes = check(new RocksDbSource(directory, names));
            String manifest = StructureCheck.manifestNamedIn(directory);
            ManifestReader.Result result = StructureCheck.readManifest(directory.resolve(manifest));
            if (result instanceof ManifestReader.Result.Complete complete) {
                return judge(complete.state(), manifest, notes, last);
            }
            if (last) {
                throw new BadFormatException(((ManifestReader.Result.CutOff) result).reason());
            }
            return Optional.empty();
        } catch (NoSuchFileException e) {
            throw failures.damaged(e.getFile() + " is missing");
        } catch (BadFormatException e) {
            throw failures.damaged(e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw failures.unsupported(e);
        } catch (IOException e) {
            throw failures.refusedOrFailed(e);
        }
    }

    private Optional<RocksDbCopy> judge(ManifestState state, String manifest, List<String> notes, boolean last)
            throws IOException, BadFormatException, RefusedException {
        Verdict verdict = verdictOn(state);
        if (verdict instanceof Verdict.Damaged damaged) {
            throw new BadFormatException(damaged.reason());
        }
        if (verdict instanceof Verdict.Sound sound) {
            return Optional.of(copy(state, manifest, notes, sound));
        }
        if (verdict instanceof Verdict.Unlogged unlogged) {
            return Optional.of(copy(state, manifest, notes, failures.ended(unlogged, nodeEnded)));
        }
        if (last && verdict instanceof Verdict.RequiredLogAbsent absent) {
            List<String> noted = new ArrayList<>(notes);
            noted.add(absent.reason() + ", although nobody writes to it");
            return Optional.of(copy(state, manifest, noted, absent.otherwise()));
        }
        if (last && verdict instanceof Verdict.Unsettled unsettled) {
            throw new BadFormatException(unsettled.reason());
        }
        return Optional.empty();
    }

    /** A form of logs that we cannot read does not matter here: each of them is what it was at one moment. */
    private Verdict verdictOn(ManifestState state) throws IOException {
        try {
            return StructureCheck.verify(directory, state);
        } catch (UnsupportedFormatException e) {
            return new Verdict.Sound(
                    state.lastSequence(), List.of("write-ahead logs are not verified: " + e.getMessage()));
        }
    }

    private RocksDbCopy copy(ManifestState state, String manifest, List<String> notes, Verdict.Sound sound)
            throws IOException {
        List<EngineFile> listed = SourceListing.of(directory);
        String options =
                SourceListing.newestOptions(listed).map(EngineFile::name).orElse("");
        List<StagedFile> files = new ArrayList<>();
        for (EngineFile file : listed) {
            boolean needed =
                    switch (file.kind()) {
                        case TABLE, BLOB -> state.liveFiles().containsKey(file.name());
                        case WAL -> file.number() >= state.minLogNumberToKeep();
                        case MANIFEST -> file.name().equals(manifest);
                        case OPTIONS -> file.name().equals(options);
                        case CURRENT, IDENTITY, NODE_VERSION -> true;
                        case NOT_PART, UNKNOWN_ENGINE, FOREIGN -> false;
                    };
            if (needed) {
                files.add(StagedFile.of(file.name(), FileStat.of(directory.resolve(file.name())), file.isWriteOnce()));
            }
        }
        List<String> all = new ArrayList<>(notes);
        all.addAll(sound.notes());
        return new RocksDbCopy(files, CopyBuilder.identityIn(directory), sound.lastSequence(), 0, Duration.ZERO, all);
    }

    private static boolean isPart(EngineFile file) {
        return switch (file.kind()) {
            case TABLE, BLOB, WAL, MANIFEST, OPTIONS, CURRENT, IDENTITY, NODE_VERSION -> true;
            case NOT_PART, UNKNOWN_ENGINE, FOREIGN -> false;
        };
    }
}
