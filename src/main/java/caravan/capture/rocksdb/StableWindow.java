package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.capture.rocksdb.Cut.HeldFile;
import caravan.capture.rocksdb.EngineFile.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Links the files of a running RocksDB so that the links are one moment of it, without stopping it.
 *
 * <p>Why that can be: the engine appends a version edit to the MANIFEST, and syncs it, before it deletes a file that
 * the edit made obsolete, be it a table or a log; and it completes a table before the edit that names it. So while the
 * MANIFEST does not grow, every file that it needs stays. The window opens by fixing the MANIFEST's size, everything
 * else is looked at after that, and it counts only if MANIFEST and CURRENT are the same at its end. Tables and logs may
 * be newer than the MANIFEST, never older. Logs are taken from the newest to the oldest: then their lengths are a
 * prefix of the history of writes, whatever the engine does meanwhile.
 *
 * <p>Use: {@link #preLink}, then {@link #attempt} until it succeeds, then {@link #cut}. Not thread-safe.
 */
final class StableWindow {

    private final Path source;
    private final Path tables;
    private final Path hold;
    private final Linking linking;
    private final WindowHooks hooks;
    private final RetryClock clock;

    private final Set<String> linkedTables = new HashSet<>();
    private final NavigableMap<Long, HeldFile> logs = new TreeMap<>();
    private final List<HeldFile> small = new ArrayList<>();

    private HeldFile pinned;
    private String current = "";
    private HeldFile manifest;
    private long highestListedLog;
    private List<EngineFile> listed = List.of();
    private long openedAt;
    private long windowNanos;

    /**
     * @param source the database's directory; nothing in it is changed
     * @param tables existing, empty directory for the links to table and blob files
     * @param hold existing, empty directory for the links to all other files
     */
    StableWindow(Path source, Path tables, Path hold, Linking linking, WindowHooks hooks, RetryClock clock) {
        this.source = source;
        this.tables = tables;
        this.hold = hold;
        this.linking = linking;
        this.hooks = hooks;
        this.clock = clock;
    }

    /**
     * Links every table file there is, which only makes the window short.
     *
     * <p>A node that restarts may give the number of a table that it never finished to another one. It also replaces
     * CURRENT, so the links count only for the CURRENT that is held along with them: see {@link #open}.
     */
    void preLink() throws IOException {
        pinned = hold("CURRENT");
        linkTables(SourceListing.of(source));
        hooks.preLinked();
    }

    /** Tries once; false if the database changed meanwhile, then the next try may succeed. */
    boolean attempt() throws IOException, BadFormatException {
        return linkAll() && isUnchanged();
    }

    /**
     * Tries once while the node stands still. What another listing would say is known then; if somebody let the node go
     * on, its MANIFEST says so, or it did nothing of importance.
     */
    boolean attemptStill() throws IOException, BadFormatException {
        return linkAll() && isManifestUnchanged();
    }

    private boolean linkAll() throws IOException, BadFormatException {
        if (!open()) {
            return false;
        }
        hooks.opened();
        linkNewTables();
        hooks.tablesLinked();
        linkLogs();
        linkSmallFiles();
        hooks.closing();
        return true;
    }

    /** The moment that the last, successful attempt caught. */
    Cut cut() {
        List<HeldFile> withCurrent = new ArrayList<>(small);
        withCurrent.add(pinned);
        return new Cut(current, manifest, new TreeMap<>(logs), withCurrent, windowNanos);
    }

    /** Names of the table and blob files that are linked, those that are not live among them. */
    Set<String> linkedTables() {
        return linkedTables;
    }

    /** Fixes CURRENT, and the size of its MANIFEST before anything else is looked at. */
    boolean open() throws IOException, BadFormatException {
        openedAt = clock.nanoTime();
        letGo();
        if (!FileStat.of(source.resolve("CURRENT")).isSameFileAs(pinned.stat())) {
            startAnew();
            openedAt = clock.nanoTime();
        }
        current = Files.readString(hold.resolve("CURRENT"), US_ASCII);
        String named = StructureCheck.manifestNamedBy(current);
        try {
            manifest = hold(named);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    void linkNewTables() throws IOException {
        listed = SourceListing.of(source, linkedTables);
        linkTables(listed);
    }

    void linkLogs() throws IOException {
        List<EngineFile> newestFirst = listed.stream()
                .filter(file -> file.kind() == Kind.WAL)
                .sorted(Comparator.comparingLong(EngineFile::number).reversed())
                .toList();
        highestListedLog = newestFirst.isEmpty() ? 0 : newestFirst.get(0).number();
        for (EngineFile log : newestFirst) {
            try {
                logs.put(log.number(), hold(log.name()));
            } catch (NoSuchFileException e) {
                // It was obsolete, or the window does not hold.
                continue;
            }
            hooks.logLinked(log.number());
        }
    }

    void linkSmallFiles() throws IOException {
        Optional<EngineFile> options = SourceListing.newestOptions(listed);
        if (options.isPresent()) {
            holdIfPresent(options.get().name());
        }
        for (EngineFile file : listed) {
            if (file.kind() == Kind.IDENTITY || file.kind() == Kind.NODE_VERSION) {
                holdIfPresent(file.name());
            }
        }
    }

    /** Whether nothing can have been deleted that the MANIFEST needs, and no log was overlooked. */
    boolean isUnchanged() throws IOException {
        for (EngineFile file : SourceListing.of(source, linkedTables)) {
            if (file.kind() == Kind.WAL && file.number() <= highestListedLog && !logs.containsKey(file.number())) {
                return false;
            }
        }
        return isManifestUnchanged();
    }

    private boolean isManifestUnchanged() throws IOException {
        FileStat currentNow = FileStat.of(source.resolve("CURRENT"));
        if (!currentNow.isSameFileAs(pinned.stat())
                || !Files.readString(hold.resolve("CURRENT"), US_ASCII).equals(current)) {
            return false;
        }
        try {
            FileStat manifestNow = FileStat.of(source.resolve(manifest.name()));
            windowNanos = clock.nanoTime() - openedAt;
            return manifestNow.isSameFileAs(manifest.stat())
                    && manifestNow.size() == manifest.stat().size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void startAnew() throws IOException {
        for (String table : linkedTables) {
            Files.deleteIfExists(tables.resolve(table));
        }
        linkedTables.clear();
        Files.deleteIfExists(hold.resolve("CURRENT"));
        preLink();
    }

    private void letGo() throws IOException {
        if (manifest != null) {
            Files.deleteIfExists(hold.resolve(manifest.name()));
            manifest = null;
        }
        for (HeldFile log : logs.values()) {
            Files.deleteIfExists(hold.resolve(log.name()));
        }
        for (HeldFile file : small) {
            Files.deleteIfExists(hold.resolve(file.name()));
        }
        logs.clear();
        small.clear();
    }

    private void linkTables(List<EngineFile> files) throws IOException {
        for (EngineFile file : files) {
            if (file.isWriteOnce() && !linkedTables.contains(file.name()) && linkTable(file.name())) {
                linkedTables.add(file.name());
            }
        }
    }

    /** False if it was deleted since it was listed: then it is obsolete, or the window does not hold. */
    private boolean linkTable(String name) throws IOException {
        try {
            linking.link(tables.resolve(name), source.resolve(name));
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private void holdIfPresent(String name) throws IOException {
        try {
            small.add(hold(name));
        } catch (NoSuchFileException e) {
            // Not every database has it.
            return;
        }
    }

    /** The stat comes from the link and not from the name in the source, which may mean another file by now. */
    private HeldFile hold(String name) throws IOException {
        Path link = hold.resolve(name);
        linking.link(link, source.resolve(name));
        FileStat stat = FileStat.of(link);
        if (!stat.isRegular()) {
            throw new NotRegularException(source.resolve(name));
        }
        return new HeldFile(name, stat);
    }
}
