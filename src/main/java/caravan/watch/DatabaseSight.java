package caravan.watch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Looks at a database's files to tell whether the engine has written since the last look. It reads {@code CURRENT} and
 * what directories and file systems say of files, opens nothing else, and changes nothing.
 *
 * <p>Of a RocksDB it looks at four things, however many files there are: which MANIFEST is current, how long that is
 * (it grows with each flush and compaction, so it stands for the set of tables), the newest write-ahead log, and how
 * long that is. Only when files came or went is the directory listed, to find the newest log. Of any other engine it
 * looks at name, size and time of every file in the store's directory.
 *
 * <p>Not safe for use by many threads at once.
 */
public final class DatabaseSight {

    /** Where a node keeps its stores, relative to the root. Nothing else of a node's directory is looked at. */
    private static final List<String> KNOWN_PLACES =
            List.of("", "parachains/db", "db/full", "db/full/parachains/db", "paritydb/full", "paritydb/parachains");

    private static final Pattern MANIFEST = Pattern.compile("MANIFEST-\\d+");
    private static final Pattern LOG = Pattern.compile("\\d+\\.log");
    private static final Pattern PARITYDB_FILE = Pattern.compile("metadata|(table|index)_\\d\\d_\\d\\d");
    private static final int ATTEMPTS = 3;

    private final Path root;
    private final List<String> stores;
    private final Clock clock;
    private final Map<Path, NewestLog> newestLogs = new HashMap<>();
    private long listings;

    /**
     * Looks at the database in {@code root}.
     *
     * @param stores their directories relative to the root, {@code .} for the root itself; none to look in the usual
     *     places
     */
    public DatabaseSight(Path root, List<String> stores, Clock clock) {
        this.root = root;
        this.stores = List.copyOf(stores);
        this.clock = clock;
    }

    /** The newest write-ahead log of a directory, for as long as no file comes or goes in it. */
    private record NewestLog(FileTime directoryChanged, String name) {}

    /**
     * How the database looks now.
     *
     * @throws NoSuchFileException if there is none
     * @throws IOException if its files cannot be looked at
     */
    public Appearance look() throws IOException {
        List<String> marks = new ArrayList<>();
        for (Path store : directories()) {
            addMarks(store, marks);
        }
        if (marks.isEmpty()) {
            throw new NoSuchFileException(root.toString(), null, "no database is in it");
        }
        return new Appearance(clock.instant(), marks);
    }

    /**
     * Directories of the stores that are there and have a file {@code CURRENT}: those that a file consumer may watch.
     */
    public List<Path> directoriesWithCurrent() {
        return directories().stream()
                .filter(directory -> Files.isRegularFile(directory.resolve("CURRENT"), LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    /** How often a directory had to be listed so far. */
    long listings() {
        return listings;
    }

    private List<Path> directories() {
        return (stores.isEmpty() ? KNOWN_PLACES : stores)
                .stream()
                        .map(place -> place.isEmpty() || place.equals(".") ? root : root.resolve(place))
                        .filter(Files::isDirectory)
                        .toList();
    }

    private void addMarks(Path store, List<String> marks) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                if (Files.isRegularFile(store.resolve("CURRENT"), LinkOption.NOFOLLOW_LINKS)) {
                    marks.add(rocksDb(store));
                } else if (!stores.isEmpty() || Files.exists(store.resolve("metadata"), LinkOption.NOFOLLOW_LINKS)) {
                    marks.addAll(anyFiles(store));
                }
                return;
            } catch (NoSuchFileException e) {
                // The engine replaced a file between two of our looks at it.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private String rocksDb(Path store) throws IOException {
        String manifest = Files.readString(store.resolve("CURRENT"), ISO_8859_1).strip();
        if (!MANIFEST.matcher(manifest).matches()) {
            throw new IOException(store.resolve("CURRENT") + " names no MANIFEST");
        }
        BasicFileAttributes manifestFile = attributes(store.resolve(manifest));
        String log = newestLog(store);
        String logSize = log.isEmpty()
                ? ""
                : " " + log + " " + attributes(store.resolve(log)).size();
        return root.relativize(store) + " " + manifest + " " + manifestFile.size() + " "
                + manifestFile.lastModifiedTime().toInstant() + logSize;
    }

    private String newestLog(Path store) throws IOException {
        FileTime changed = attributes(store).lastModifiedTime();
        NewestLog known = newestLogs.get(store);
        // A file that came within the clock's grain of the last listing would not show in the directory's time.
        if (known != null && known.directoryChanged().equals(changed)) {
            return known.name();
        }
        String newest = "";
        listings++;
        try (DirectoryStream<Path> names = Files.newDirectoryStream(store)) {
            for (Path file : names) {
                String name = file.getFileName().toString();
                if (name.endsWith(".log") && LOG.matcher(name).matches() && isNewer(name, newest)) {
                    newest = name;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        if (changed.toInstant().plusSeconds(1).isBefore(clock.instant())) {
            newestLogs.put(store, new NewestLog(changed, newest));
        } else {
            newestLogs.remove(store);
        }
        return newest;
    }

    private static boolean isNewer(String name, String than) {
        return name.length() != than.length() ? name.length() > than.length() : name.compareTo(than) > 0;
    }

    private List<String> anyFiles(Path store) throws IOException {
        TreeSet<String> marks = new TreeSet<>();
        boolean everything = !Files.exists(store.resolve("metadata"), LinkOption.NOFOLLOW_LINKS);
        listings++;
        try (DirectoryStream<Path> names = Files.newDirectoryStream(store)) {
            for (Path file : names) {
                String name = file.getFileName().toString();
                if (everything || isWrittenByParityDb(name)) {
                    BasicFileAttributes found = attributes(file);
                    if (found.isRegularFile()) {
                        marks.add(root.relativize(file) + " " + found.size() + " "
                                + found.lastModifiedTime().toInstant());
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return List.copyOf(marks);
    }

    /** Each change goes into a log first, by a plain write; tables change through memory maps, which move no time. */
    private static boolean isWrittenByParityDb(String name) {
        return PARITYDB_FILE.matcher(name).matches() || name.matches("log\\d+");
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }
}
