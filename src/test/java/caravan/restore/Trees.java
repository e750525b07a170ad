package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Contents of test trees, and whether a directory is exactly one of them. */
final class Trees {

    private Trees() {}

    static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Fails unless {@code directory} holds exactly {@code tree}: names, bytes, modes and nothing else. */
    static void assertExact(Path directory, Bucket.Tree tree) throws IOException {
        Set<String> expected = new HashSet<>();
        for (Map.Entry<SnapshotPath, byte[]> file : tree.files().entrySet()) {
            addWithParents(expected, file.getKey().value());
            Path path = directory.resolve(file.getKey().value());
            assertThat(path).isRegularFile().hasBinaryContent(file.getValue());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-r--r--");
        }
        tree.directories().forEach(path -> addWithParents(expected, path.value()));
        assertThat(names(directory)).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** All paths below {@code directory}. */
    static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> !path.equals(directory))
                    .map(path -> directory.relativize(path).toString())
                    .toList();
        }
    }

    /** Names beside each other in {@code directory}. */
    static List<String> list(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Everything about a directory that a restore could change. */
    static List<String> print(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> !path.equals(directory))
                    .sorted()
                    .map(Trees::describe)
                    .toList();
        }
    }

    private static String describe(Path path) {
        try {
            Map<String, Object> facts =
                    Files.readAttributes(path, "unix:ino,size,mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            return path + " " + facts.get("ino") + " " + facts.get("mode")
                    + (directory ? "" : " " + facts.get("size") + " " + facts.get("lastModifiedTime"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addWithParents(Set<String> names, String path) {
        for (String at = path; !at.isEmpty(); at = at.contains("/") ? at.substring(0, at.lastIndexOf('/')) : "") {
            names.add(at);
        }
    }
}
