package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import caravan.disk.TreeRemoval;
import caravan.lock.ExclusiveLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one reading process leaves on the disk, in a directory of its own. A lock beside it says that the program that
 * made it is still there, so that what a killed one left is known for what it is, and removed by the next. Numbers of
 * processes say nothing: in a container the next program has the same.
 */
final class Temporary implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Temporary.class);

    private static final String PREFIX = "engine-";

    private static final String LOCK = ".lock";

    /** The first lines say what happened; the rest is long. */
    private static final int MOST_OF_A_REPORT = 4096;

    private final Path path;

    private final ExclusiveLock lock;

    private Temporary(Path path, ExclusiveLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A new one below {@code parent}, which is made if it is missing. */
    @SuppressWarnings("MustBeClosedChecker")
    static Temporary below(Path parent) throws IOException {
        Files.createDirectories(parent);
        removeLeftOvers(parent);
        Path path = parent.resolve(PREFIX + UUID.randomUUID());
        // Before the directory: one without a lock is nobody's.
        ExclusiveLock lock = ExclusiveLock.tryTake(lockOf(path))
                .orElseThrow(() -> new IOException("somebody has locked " + lockOf(path)));
        try {
            Files.createDirectory(path);
            return new Temporary(path, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    /** Where Java writes what it knows when native code crashes, or memory runs out. */
    Path crashReport() {
        return path.resolve("crash");
    }

    /** How the process ended that has {@code said} what was wrong, and may have left a report. */
    EngineEnd end(int status, String said) {
        return new EngineEnd(status, beginningOf(crashReport()), said);
    }

    @Override
    public void close() {
        try {
            TreeRemoval.of(path);
            Files.deleteIfExists(lockOf(path));
        } catch (IOException e) {
            LOG.warn("cannot remove {}; the next start will: {}", path, e.toString());
        } finally {
            unlock();
        }
    }

    private void unlock() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.debug("the lock of {} goes with this process", path, e);
        }
    }

    private static String beginningOf(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_OF_A_REPORT), ISO_8859_1);
        } catch (IOException e) {
            // It wrote none.
            return "";
        }
    }

    private static void removeLeftOvers(Path parent) throws IOException {
        for (Path each : namesIn(parent)) {
            Path directory = each.toString().endsWith(LOCK) ? withoutLock(each) : each;
            Path file = lockOf(directory);
            if (!Files.exists(file)) {
                TreeRemoval.of(directory);
                continue;
            }
            Optional<ExclusiveLock> abandoned = ExclusiveLock.tryTake(file);
            if (abandoned.isPresent()) {
                try (ExclusiveLock ours = abandoned.get()) {
                    LOG.debug("{} was left by a program that is gone: {}", directory, ours.isHeld());
                    TreeRemoval.of(directory);
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static List<Path> namesIn(Path parent) throws IOException {
        List<Path> names = new ArrayList<>();
        try (DirectoryStream<Path> left = Files.newDirectoryStream(parent, PREFIX + "*")) {
            left.forEach(names::add);
        }
        return names;
    }

    private static Path lockOf(Path directory) {
        return directory.resolveSibling(directory.getFileName() + LOCK);
    }

    private static Path withoutLock(Path file) {
        String name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }
}
