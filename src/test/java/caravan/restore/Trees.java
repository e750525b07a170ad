package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.CutRule;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Contents of test trees, and whether a directory is exactly one of them. */
final class Trees {

    /** Of the table that {@link #older()} and {@link #newer()} both have. */
    static final byte[] SAME = bytes(2500, 1);

    /** Of the table that only {@link #newer()} has. */
    static final byte[] NEW = bytes(900, 2);

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

    /**
     * Fails unless a restore that was killed has left what is safe: a new {@code target} is not there, or is exactly {@code
     * latest}; each store of an old one does not open, or holds all of one of the two.
     *
     * @param old what {@code target} held; nothing if it is to be new
     */
    static void assertSafeAfterKill(Path target, Optional<Bucket.Tree> old, Bucket.Tree latest) throws IOException {
        if (old.isEmpty()) {
            if (Files.exists(target)) {
                assertExact(target, latest);
            }
            return;
        }
        for (String seal : List.of("db/full/CURRENT", "db/full/parachains/db/CURRENT")) {
            byte[] found = Files.readAllBytes(target.resolve(seal));
            if (Arrays.equals(found, Restore.INCOMPLETE_SEAL.getBytes(StandardCharsets.US_ASCII))) {
                continue;
            }
            SnapshotPath path = new SnapshotPath(seal);
            boolean isOld = Arrays.equals(found, old.get().files().get(path));
            assertThat(isOld || Arrays.equals(found, latest.files().get(path))).isTrue();
            assertHolds(target, isOld ? old.get() : latest);
        }
    }

    /** All files but the seals. */
    private static void assertHolds(Path target, Bucket.Tree tree) {
        for (Map.Entry<SnapshotPath, byte[]> file : tree.files().entrySet()) {
            if (!file.getKey().fileName().equals("CURRENT")) {
                assertThat(target.resolve(file.getKey().value())).hasBinaryContent(file.getValue());
            }
        }
    }

    /**
     * What {@code number} 1 and 2 share: files that both have, files of their own, and files that differ in one chunk.
     *
     * @param files how many of each
     */
    static Bucket.Tree version(int number, int files, int chunk) {
        Bucket.Tree tree = new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-00000" + number + "\n")
                .file("db/full/parachains/db/CURRENT", "MANIFEST-00001" + number + "\n");
        for (int file = 0; file < files; file++) {
            byte[] content = bytes(5 * chunk + file, file);
            tree.file("db/full/same-" + file + ".sst", content);
            byte[] changed = content.clone();
            changed[3 * chunk + 7] = (byte) number;
            tree.file("db/full/parachains/db/changed-" + file + ".sst", changed);
            tree.file("db/full/" + number + "-" + file + ".sst", bytes(100_000, 100L * number + file));
        }
        return tree;
    }

    /** A database before {@link #newer()}, with a log that must not be replayed over that one. */
    static Bucket.Tree older() {
        return new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000004\n")
                .file("db/full/000001.sst", SAME)
                .file("db/full/000003.log", "an old log that must not be replayed")
                .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n");
    }

    /** The database after {@link #older()}: one table is the same, one is new. */
    static Bucket.Tree newer() {
        return new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000009\n")
                .file("db/full/000001.sst", SAME)
                .file("db/full/000008.sst", NEW)
                .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n")
                .directory("db/full/parachains/db/empty");
    }

    /** Bytes that a file takes on the disk. */
    static long allocated(Path file) throws IOException, InterruptedException {
        Process stat = new ProcessBuilder("stat", "-c", "%b %B", file.toString()).start();
        String[] numbers = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                .strip()
                .split(" ", -1);
        assertThat(stat.waitFor()).isZero();
        return Long.parseLong(numbers[0]) * Long.parseLong(numbers[1]);
    }

    /** Bytes of all its files. */
    static long size(Bucket.Tree tree) {
        return tree.files().values().stream()
                .mapToLong(content -> content.length)
                .sum();
    }

    /** Bytes of its chunks, each once however often it stands in the tree. */
    static long distinctBytes(Bucket.Tree tree, int chunk) {
        CutRule rule = new CutRule(chunk);
        Map<Digest, Long> chunks = new HashMap<>();
        for (byte[] content : tree.files().values()) {
            for (int index = 0; index < rule.count(content.length); index++) {
                int from = (int) rule.offset(index);
                byte[] bytes = Arrays.copyOfRange(content, from, from + (int) rule.size(content.length, index));
                chunks.put(Digest.of(bytes), (long) bytes.length);
            }
        }
        return chunks.values().stream().mapToLong(size -> size).sum();
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

    /** Makes the files in {@code directory} two days old. */
    static void age(Path directory) throws IOException {
        for (String name : list(directory)) {
            Files.setLastModifiedTime(
                    directory.resolve(name), FileTime.from(Instant.now().minus(Duration.ofDays(2))));
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
