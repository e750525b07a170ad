package caravan.capture.rocksdb;

import caravan.capture.rocksdb.EngineFile.Kind;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must be true of a database's directory before it may be captured live. Nothing in it is opened but OPTIONS. */
final class Preconditions {

    private static final String OTHER_MODE =
            "links cannot be right with this: use caravan.database.<name>.capture=hook, or"
                    + " copy, which pauses the node for the whole copy";

    private static final String NO_MODE =
            "a capture takes one directory: bring the files together, or publish the store" + " of another node";

    /** Directories that the engine or a node keeps inside, and that are no part of this store. */
    private static final Set<String> KNOWN_DIRECTORIES = Set.of("archive", "lost", "lost+found", "parachains");

    private final Path source;
    private final Set<Path> names;

    Preconditions(RocksDbSource source) {
        this.source = source.directory();
        this.names = source.names();
    }

    /**
     * Checks each entry of the directory, one level, by its name and its kind.
     *
     * @return notes about entries that a capture leaves out
     */
    List<String> checkEntries() throws IOException, RefusedException {
        List<String> notes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(source)) {
            for (Path entry : entries) {
                checkEntry(entry, notes);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return notes;
    }

    /** Checks the newest OPTIONS file, which the engine writes whenever it opens the database or a setting changes. */
    void checkOptions() throws IOException, RefusedException {
        checkNewest(this::checkOptions);
    }

    /** Checks in the newest OPTIONS file that all files are in the directory, and nothing else. */
    void checkPlaces() throws IOException, RefusedException {
        checkNewest(file -> refuse(file, OptionsRules.firstElsewhere(read(file), names), NO_MODE));
    }

    /** What is wrong with an OPTIONS file. */
    private interface OptionsCheck {

        void check(Path file) throws IOException, RefusedException;
    }

    private void checkNewest(OptionsCheck rules) throws IOException, RefusedException {
        Optional<EngineFile> newest = SourceListing.newestOptions(SourceListing.of(source));
        while (newest.isPresent()) {
            try {
                rules.check(source.resolve(newest.get().name()));
                return;
            } catch (NoSuchFileException e) {
                // The engine keeps the two newest, so there is a newer one now.
                newest = SourceListing.newestOptions(SourceListing.of(source));
            }
        }
        throw new RefusedException(
                source + " has no OPTIONS file, so the engine's settings are not known",
                "start the node once with this database: the engine writes the file");
    }

    /**
     * Checks one OPTIONS file, which may be a copy.
     *
     * @throws NoSuchFileException if it is not there
     */
    void checkOptions(Path file) throws IOException, RefusedException {
        OptionsFile options = read(file);
        refuse(file, OptionsRules.firstElsewhere(options, names), NO_MODE);
        refuse(file, OptionsRules.firstBroken(options, names), OTHER_MODE);
    }

    private static OptionsFile read(Path file) throws IOException, RefusedException {
        try {
            if (!FileStat.of(file).isRegular()) {
                throw new NotRegularException(file);
            }
            return OptionsFile.read(file);
        } catch (BadFormatException e) {
            throw new RefusedException(
                    "the engine's settings in " + file + " cannot be read: " + e.getMessage(),
                    "use a release that knows this form",
                    e);
        }
    }

    private void refuse(Path file, Optional<String> broken, String hint) throws RefusedException {
        if (broken.isPresent()) {
            throw new RefusedException(
                    "the RocksDB in " + source + " runs with " + broken.get() + " (" + file.getFileName() + ")", hint);
        }
    }

    private void checkEntry(Path entry, List<String> notes) throws IOException, RefusedException {
        String name = entry.getFileName().toString();
        FileStat stat;
        try {
            stat = FileStat.of(entry);
        } catch (NoSuchFileException e) {
            return;
        }
        Kind kind = EngineFile.of(name).kind();
        if (stat.isDirectory() && (kind == Kind.FOREIGN || kind == Kind.NOT_PART)) {
            if (!KNOWN_DIRECTORIES.contains(name)) {
                notes.add("left out: directory " + name + ", which is no part of a RocksDB");
            }
        } else if (kind == Kind.UNKNOWN_ENGINE) {
            throw new RefusedException(
                    "capturing " + source + ": it is not known what the file " + name + " is for",
                    "if it is not the engine's, move it elsewhere; if it is, " + OTHER_MODE);
        } else if (kind == Kind.FOREIGN) {
            notes.add("left out: " + name + ", which is no part of a RocksDB");
        } else if (kind != Kind.NOT_PART && !stat.isRegular()) {
            throw new RefusedException(
                    "capturing " + source + ": " + name + " is not a regular file",
                    "a database whose files are links or devices cannot be captured by hard links");
        }
    }
}
