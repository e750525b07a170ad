package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedFile;
import caravan.capture.CapturedStore;
import caravan.capture.MountIdentity;
import caravan.disk.DiskFailures;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What the source of a database was when it was last published from here. A directory that is there and yet is not the
 * database, because a volume is not mounted or the node began anew, must not become {@code latest}.
 *
 * <p>Kept as lines: the mount of the root, how many bytes were published, and for each store its path, a tabulator and
 * its mount, because a store may be a mount, or a link to one, of its own. No file, no opinion: the first run has none,
 * and losing the state directory is harmless. A file of an earlier version has the first two lines.
 */
final class KnownSource {

    /** A database shrinks by compaction and pruning, but not by more than this at once. */
    private static final int MOST_SHRINKAGE_PERCENT = 20;

    private final PublishedDatabase database;

    private final Path file;

    KnownSource(PublishedDatabase database, Path file) {
        this.database = database;
        this.file = file;
    }

    /** Refuses a source that lies on another mount than the one that was last published. Nothing is captured yet. */
    void requireSameMount() throws RefusedException, FailedException {
        if (database.acceptsChangedSource() || !Files.exists(database.root())) {
            return;
        }
        try {
            List<String> known = lines();
            if (known.isEmpty()) {
                return;
            }
            requireSame(database.root(), known.get(0));
            for (String line : known.subList(2, known.size())) {
                int tab = line.lastIndexOf('\t');
                Path store = database.root().resolve(line.substring(0, tab));
                // One that is not there is not captured, and missed as such.
                if (Files.exists(store)) {
                    requireSame(store, line.substring(tab + 1));
                }
            }
        } catch (IOException e) {
            throw DiskFailures.of("finding the mount of " + database.root(), e);
        }
    }

    private void requireSame(Path directory, String known) throws IOException, RefusedException {
        String now = MountIdentity.of(directory).text();
        if (!now.equals(known)) {
            throw new RefusedException(
                    "publish " + database.name() + ": " + directory + " is on another mount (" + now
                            + ") than when it was last published (" + known + ")",
                    "is its volume mounted? " + override());
        }
    }

    /** Refuses a capture that is far smaller than what was last published. */
    void requireNotShrunk(CapturedDatabase captured) throws RefusedException, FailedException {
        if (database.acceptsChangedSource()) {
            return;
        }
        try {
            List<String> known = lines();
            if (known.isEmpty()) {
                return;
            }
            long before = Long.parseLong(known.get(1));
            long now = bytesOf(captured);
            if (now < before - before / 100 * MOST_SHRINKAGE_PERCENT) {
                throw new RefusedException(
                        "publish " + database.name() + ": it has " + now + " bytes, more than " + MOST_SHRINKAGE_PERCENT
                                + " % fewer than the " + before + " that were last published",
                        "is it still the same database, and complete? " + override());
            }
        } catch (IOException e) {
            throw new FailedException("cannot read " + file + ": " + e, "check the state directory", e);
        }
    }

    /** Remembers the source of what has just become visible. */
    void remember(CapturedDatabase captured) throws IOException {
        StringBuilder text =
                new StringBuilder(MountIdentity.of(database.root()).text() + "\n" + bytesOf(captured) + "\n");
        for (CapturedStore store : captured.stores()) {
            Path directory = database.root().resolve(store.store().path());
            if (Files.exists(directory)) {
                text.append(store.store().path() + "\t"
                        + MountIdentity.of(directory).text() + "\n");
            }
        }
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text.toString(), UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Two lines or more, or none: what a power cut left of them is no opinion either. */
    private List<String> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(file, UTF_8);
        boolean isWhole = lines.size() >= 2
                && lines.get(1).matches("\\d{1,18}")
                && lines.stream().skip(2).allMatch(line -> line.indexOf('\t') >= 0);
        return isWhole ? lines : List.of();
    }

    private String override() {
        return "if that is how it should be, set caravan.database." + database.name()
                + ".accept-changed-source=true for one run";
    }

    private static long bytesOf(CapturedDatabase captured) {
        return captured.files().stream().mapToLong(CapturedFile::size).sum();
    }
}
