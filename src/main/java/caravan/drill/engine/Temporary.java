package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one reading process leaves on the disk, in a directory of its own. Its name says which process made it, so that
 * what a killed program left is known for what it is, and removed by the next.
 */
final class Temporary implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Temporary.class);

    private static final String PREFIX = "engine-";

    private final Path path;

    private Temporary(Path path) {
        this.path = path;
    }

    /** A new one below {@code parent}, which is made if it is missing. */
    static Temporary below(Path parent) throws IOException {
        Files.createDirectories(parent);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path each : left) {
                if (!isInUse(each)) {
                    remove(each);
                }
            }
        }
        return new Temporary(Files.createTempDirectory(
                parent, PREFIX + ProcessHandle.current().pid() + "-"));
    }

    Path path() {
        return path;
    }

    /** Where the process writes what goes wrong with itself. */
    Path errors() {
        return path.resolve("errors");
    }

    /** Where Java writes what it knows when native code crashes. */
    Path crashReport() {
        return path.resolve("crash");
    }

    boolean hasCrashReport() {
        return Files.exists(crashReport());
    }

    /** For the end of a message; empty if nothing was written. */
    String lastError() {
        try {
            List<String> lines = Files.readAllLines(errors(), UTF_8).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.isEmpty() ? "" : ": " + lines.get(0).strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        try {
            remove(path);
        } catch (IOException e) {
            LOG.warn("cannot remove {}; the next start will: {}", path, e.toString());
        }
    }

    private static boolean isInUse(Path directory) {
        String[] parts = directory.getFileName().toString().split("-", -1);
        return parts.length == 3
                && parts[1].matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(parts[1])).isPresent();
    }

    /** It has files only. */
    private static void remove(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
