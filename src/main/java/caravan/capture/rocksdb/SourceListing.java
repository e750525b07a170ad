package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The names in a database's directory, one level. A file that exists throughout the listing is in it. */
final class SourceListing {

    private SourceListing() {}

    static List<EngineFile> of(Path directory) throws IOException {
        return of(directory, Set.of());
    }

    /** The same without the names in {@code known}, of which there may be very many: they cost a look each, no more. */
    static List<EngineFile> of(Path directory, Set<String> known) throws IOException {
        List<EngineFile> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!known.contains(name)) {
                    files.add(EngineFile.of(name));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    static Optional<EngineFile> newestOptions(List<EngineFile> files) {
        return files.stream()
                .filter(file -> file.kind() == EngineFile.Kind.OPTIONS)
                .max(Comparator.comparingLong(EngineFile::number));
    }
}
