package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What tells the file system that a directory lies on from another one that is mounted, or not mounted, in its place:
 * its UUID, or, where the system knows none, its type, source and mount point. Numbers of devices are of no use, they
 * change when a machine starts again.
 *
 * @param text one line, equal for equal mounts
 */
public record MountIdentity(String text) {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Path BY_UUID = Path.of("/dev/disk/by-uuid");

    /** Checks that it is one line. */
    public MountIdentity {
        requireNonNull(text, "text");
        if (text.isBlank() || text.contains("\n")) {
            throw new IllegalArgumentException("the identity of a mount is one line");
        }
    }

    /** The mount that {@code directory} lies on. */
    public static MountIdentity of(Path directory) throws IOException {
        Path real = directory.toRealPath();
        if (!Files.isReadable(MOUNTS)) {
            var store = Files.getFileStore(real);
            return new MountIdentity("mount " + store.type() + " " + store.name());
        }
        return of(real, Files.readAllLines(MOUNTS, UTF_8), BY_UUID);
    }

    static MountIdentity of(Path directory, List<String> mounts, Path byUuid) throws IOException {
        String[] found = null;
        int depth = -1;
        for (String line : mounts) {
            String[] fields = line.split(" ", -1);
            int dash = List.of(fields).indexOf("-");
            if (fields.length < 5 || dash < 0 || fields.length < dash + 3) {
                continue;
            }
            Path point = Path.of(unescaped(fields[4]));
            // Of two mounts on one point the later one covers the earlier.
            if (directory.startsWith(point) && point.getNameCount() >= depth) {
                depth = point.getNameCount();
                found = new String[] {fields[dash + 1], unescaped(fields[dash + 2]), point.toString()};
            }
        }
        if (found == null) {
            throw new IOException("no mount is known that " + directory + " lies on");
        }
        Optional<String> uuid = uuidOf(found[1], byUuid);
        return new MountIdentity(uuid.map(known -> "uuid " + known).orElse("mount " + String.join(" ", found)));
    }

    private static Optional<String> uuidOf(String source, Path byUuid) throws IOException {
        if (!source.startsWith("/") || !Files.exists(Path.of(source)) || !Files.isDirectory(byUuid)) {
            return Optional.empty();
        }
        Path device = Path.of(source).toRealPath();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(byUuid)) {
            for (Path link : links) {
                if (Files.exists(link) && link.toRealPath().equals(device)) {
                    return Optional.of(link.getFileName().toString());
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    /** The kernel writes space, tab, newline and backslash as three octal digits. */
    private static String unescaped(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "?")
                .replace("\\134", "\\");
    }
}
