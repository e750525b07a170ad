package caravan.drill.engine;

import caravan.disk.ClassPlaces;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library, unpacked once for all processes that read databases: {@code engine/NAME/} beside the
 * archive {@code NAME.jar} that it was in, so that one of another version is never taken. Where it is missing, each
 * process unpacks its own, which costs 0.1 CPU seconds, and a directory that may hold programs.
 */
public final class EngineLibrary {

    private static final String DIRECTORY = "engine";

    private static final String SUFFIX = ".jar";

    private EngineLibrary() {}

    /**
     * Unpacks it, and loads it to see that it works here; {@code bin/caravan-prepare} calls this. What an earlier call
     * unpacked is replaced.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) throws IOException {
        Path archive = ClassPlaces.of(RocksDB.class);
        Path library = unpack(directoryFor(archive));
        System.load(library.toAbsolutePath().toString());
    }

    /** The directory of the library that was unpacked from {@code archive}, if there is one. */
    static Optional<Path> unpackedFrom(Path archive) {
        Path directory = directoryFor(archive);
        return Files.isReadable(directory.resolve(fileName())) ? Optional.of(directory) : Optional.empty();
    }

    /** Writes it into {@code directory}, whole or not at all. */
    static Path unpack(Path directory) throws IOException {
        try (InputStream library = RocksDB.class.getResourceAsStream("/" + fileName())) {
            if (library == null) {
                throw new FileNotFoundException("RocksDB has no " + fileName() + ", which this machine would need");
            }
            Files.createDirectories(directory);
            Path target = directory.resolve(fileName());
            Path part = Files.createTempFile(directory, fileName(), ".part");
            try {
                Files.copy(library, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
            return target;
        }
    }

    private static Path directoryFor(Path archive) {
        String name = archive.getFileName().toString();
        return archive.resolveSibling(DIRECTORY)
                .resolve(name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name);
    }

    private static String fileName() {
        return Environment.getJniLibraryFileName("rocksdb");
    }
}
