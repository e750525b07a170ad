package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.CaravanException;
import caravan.samplenode.SampleDatabaseCheck;
import caravan.samplenode.SampleNode;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The database of a sample node that is not running: real RocksDB stores, and secrets beside them. */
public final class SampleDatabase {

    private final Path base;

    private SampleDatabase(Path base) {
        this.base = base;
    }

    /** A new database of about {@code size}, for example {@code "3MB"}. */
    public static SampleDatabase fill(Path base, String size) {
        runNode(base, "--initial-bytes", size, "--stop-after-batches", "20");
        return new SampleDatabase(base);
    }

    /** The database of a node that somebody else runs. */
    public static SampleDatabase at(Path base) {
        return new SampleDatabase(base);
    }

    /** The same database, byte by byte, elsewhere; its files are old enough for their hashes to be remembered. */
    public SampleDatabase copyTo(Path other) throws IOException {
        Files.createDirectories(other.getParent());
        try (Stream<Path> all = Files.walk(base)) {
            for (Path path : all.sorted().toList()) {
                Path copy = other.resolve(base.relativize(path));
                Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
        }
        SampleDatabase copied = new SampleDatabase(other);
        copied.age();
        return copied;
    }

    /** Lets a node write this many blocks more, and lets the files grow old. */
    public SampleDatabase write(int blocks) throws IOException {
        runNode(base, "--batches-per-second", "1000", "--stop-after-batches", String.valueOf(blocks));
        age();
        return this;
    }

    public Path base() {
        return base;
    }

    /** What is published: {@code <base>/chains/demo}. */
    public Path root() {
        return base.resolve("chains").resolve("demo");
    }

    /** Stands beside the root while a publication is under way. */
    public Path stage() {
        return root().resolveSibling(".caravan-demo");
    }

    /** Path, inode, mode, links, size, time in nanoseconds and hash of everything below the root. */
    public List<String> fingerprint() throws IOException {
        try (Stream<Path> all = Files.walk(root())) {
            return all.sorted().map(SampleDatabase::fingerprintOf).toList();
        }
    }

    /** Fails unless both stores below {@code root} open as a node opens them and are whole; gives the main height. */
    public static long heightOf(Path root) throws CaravanException {
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(SampleDatabaseCheck.OpenMode.READ_WRITE)) {
            check.check(root.resolve("db/full/parachains/db"));
            return check.check(root.resolve("db/full")).head();
        }
    }

    private static void runNode(Path base, String... options) {
        String[] all = Stream.concat(
                        Stream.of("--base-path", base.toString(), "--profile", "demo", "--once"), Stream.of(options))
                .toArray(String[]::new);
        assertThat(SampleNode.run(all)).isZero();
    }

    private void age() throws IOException {
        FileTime old = FileTime.from(Instant.now().minusSeconds(3600));
        Files.walkFileTree(root(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.lastModifiedTime().compareTo(old) > 0) {
                    Files.setLastModifiedTime(file, old);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static String fingerprintOf(Path path) {
        try {
            Map<String, Object> facts =
                    Files.readAttributes(path, "unix:ino,mode,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            String hash = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
                    ? Digest.of(Files.readAllBytes(path)).hex()
                    : "";
            return String.join(
                    " ",
                    path.toString(),
                    facts.get("ino").toString(),
                    facts.get("mode").toString(),
                    facts.get("nlink").toString(),
                    facts.get("size").toString(),
                    ((FileTime) facts.get("lastModifiedTime")).toInstant().toString(),
                    hash);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
