package caravan.capture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds out by its files which engine wrote a directory. */
final class EngineDetection {

    private static final Pattern CURRENT = Pattern.compile("MANIFEST-\\d{6,}\n");
    private static final Pattern PARITYDB_FILE = Pattern.compile("(table|index)_\\d\\d_\\d\\d");
    private static final Pattern LEVELDB_TABLE = Pattern.compile("\\d+\\.ldb");
    private static final Pattern OPTIONS = Pattern.compile("OPTIONS-\\d+");
    private static final int LARGEST_TEXT = 64 * 1024;

    private EngineDetection() {}

    /** The engines whose files are in {@code directory}; none if it does not exist. */
    static Set<Engine> enginesIn(Path directory) throws IOException {
        Set<Engine> engines = EnumSet.noneOf(Engine.class);
        if (!Files.isDirectory(directory)) {
            return engines;
        }
        if (isRocksDb(directory)) {
            engines.add(Engine.ROCKSDB);
        }
        if (isParityDb(directory)) {
            engines.add(Engine.PARITYDB);
        }
        return engines;
    }

    /** The engine replaces CURRENT before it deletes the MANIFEST that CURRENT named, so a second look is enough. */
    private static boolean isRocksDb(Path directory) throws IOException {
        for (int look = 0; look < 3; look++) {
            String current = textOf(directory.resolve("CURRENT"));
            if (!CURRENT.matcher(current).matches()) {
                return false;
            }
            if (Files.isRegularFile(directory.resolve(current.strip()), LinkOption.NOFOLLOW_LINKS)) {
                return !isOfARelative(directory);
            }
        }
        return false;
    }

    /** LevelDB and Pebble name CURRENT, MANIFEST and logs as RocksDB does, and mean something else by their content. */
    private static boolean isOfARelative(Path directory) throws IOException {
        boolean hasLevelDbTables = false;
        boolean hasOptions = false;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                hasLevelDbTables |= LEVELDB_TABLE.matcher(name).matches();
                if (OPTIONS.matcher(name).matches()) {
                    hasOptions = true;
                    if (isOfPebble(entry)) {
                        return true;
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        // A RocksDB that was made of a LevelDB has such tables, too, and settings beside them.
        return hasLevelDbTables && !hasOptions;
    }

    /** RocksDB replaces its own while it runs. */
    private static boolean isOfPebble(Path options) throws IOException {
        try {
            return textOf(options).contains("pebble_version=");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean isParityDb(Path directory) throws IOException {
        String metadata = textOf(directory.resolve("metadata"));
        if (metadata.contains("version=") && metadata.contains("salt=")) {
            return true;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (PARITYDB_FILE.matcher(entry.getFileName().toString()).matches()) {
                    return true;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return false;
    }

    /** Empty if it is not a small, regular file: nothing else is opened. */
    private static String textOf(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST_TEXT) {
            return "";
        }
        return Files.readString(file, ISO_8859_1);
    }
}
