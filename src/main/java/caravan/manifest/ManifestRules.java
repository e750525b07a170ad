package caravan.manifest;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is true of every manifest, beyond the form of its lines: order, sizes, cuts, names. Writer and reader tell it
 * each line; the first that breaks a rule is an {@link IllegalArgumentException} that says which.
 */
final class ManifestRules {

    static final int MAX_STORES = 256;

    /** With it, the largest chunk, twice this size, is below the 5 GiB that S3 takes in one request. */
    static final long MAX_CHUNK_SIZE = 1L << 31;

    static final long MAX_FILE_SIZE = 1L << 50;

    static final int MAX_CHUNKS_PER_FILE = 1 << 20;

    static final long MAX_CHUNKS = 1_000_000_000L;

    /** A name that an export makes up for a chunk: a part of a file, a compressed file, or both. */
    private static final Pattern MADE_UP = Pattern.compile("(.+?)(\\.part-\\d{5,})?(\\.zst)?", Pattern.DOTALL);

    private final ManifestHeader header;
    private final PathSet paths = new PathSet();
    private final Set<String> missingSeals = new TreeSet<>();
    private final Set<String> aboveStores = new HashSet<>();
    private SnapshotPath lastFile;
    private SnapshotPath lastDirectory;
    private long files;
    private long directories;
    private long chunks;
    private long bytes;

    ManifestRules(ManifestHeader header) {
        this.header = header;
        if (header.stores().size() > MAX_STORES) {
            throw new IllegalArgumentException("there are more than " + MAX_STORES + " stores");
        }
        for (DatabaseStore store : header.stores()) {
            if (store.chunkSize() > MAX_CHUNK_SIZE) {
                throw new IllegalArgumentException("a chunk size is larger than " + MAX_CHUNK_SIZE);
            }
            if (!store.path().isEmpty()) {
                paths.add(store.path(), PathSet.STORE);
            }
        }
        for (DatabaseStore store : header.stores()) {
            for (DatabaseStore other : header.stores()) {
                if (isAtOrBelow(other.path(), store.seal())) {
                    throw new IllegalArgumentException("the store \"" + other.path() + "\" is where the file "
                            + store.seal() + " of another store belongs");
                }
            }
        }
        for (DatabaseStore store : header.stores()) {
            checkNoLock(store.path());
            if (!store.seal().isEmpty()) {
                missingSeals.add(store.seal());
            }
            String path = store.path();
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                aboveStores.add(path.substring(0, slash));
            }
        }
    }

    void file(FileEntry file) {
        SnapshotPath path = file.path();
        if (lastDirectory != null) {
            throw new IllegalArgumentException("a file comes after an empty directory");
        }
        if (lastFile != null && lastFile.compareTo(path) >= 0) {
            throw new IllegalArgumentException(
                    "the file \"" + path + "\" does not come after \"" + lastFile + "\" in the order of bytes");
        }
        checkNoLock(path.value());
        if (missingSeals.remove(path.value()) && file.size() == 0) {
            throw new IllegalArgumentException(
                    "the file \"" + path + "\", without which its store does not open, is empty");
        }
        checkCut(file);
        int kind = PathSet.FILE;
        kind |= file.chunks().size() > 1 ? PathSet.IN_PARTS : 0;
        kind |= file.chunks().stream().anyMatch(chunk -> chunk.storedAs() instanceof StoredAs.Zstandard)
                ? PathSet.COMPRESSED
                : 0;
        paths.addAfter(lastFile == null ? "" : lastFile.value(), path.value(), kind);
        checkNotMadeUp(path.value());
        lastFile = path;
        files++;
        chunks += file.chunks().size();
        bytes += file.size();
        if (chunks > MAX_CHUNKS || bytes > StrictJson.MAX_NUMBER) {
            throw new IllegalArgumentException(
                    "there are more than " + MAX_CHUNKS + " chunks or " + StrictJson.MAX_NUMBER + " bytes in all");
        }
    }

    void directory(SnapshotPath path) {
        if (lastDirectory != null && lastDirectory.compareTo(path) >= 0) {
            throw new IllegalArgumentException("the directory \"" + path + "\" does not come after \"" + lastDirectory
                    + "\" in the order of bytes");
        }
        checkNoLock(path.value());
        if (aboveStores.contains(path.value())) {
            throw new IllegalArgumentException(
                    "the directory \"" + path + "\" is listed as empty, and there is a store in it");
        }
        paths.addAfter(lastDirectory == null ? "" : lastDirectory.value(), path.value(), PathSet.EMPTY_DIRECTORY);
        lastDirectory = path;
        directories++;
    }

    /** The totals, when nothing follows: no store lacks what makes it one. */
    ManifestTotals complete() {
        for (String seal : missingSeals) {
            throw new IllegalArgumentException(
                    "there is no file \"" + seal + "\", without which its store does not open");
        }
        for (DatabaseStore store : header.stores()) {
            if (!store.path().isEmpty() && paths.isBareStore(store.path())) {
                throw new IllegalArgumentException(
                        "the store \"" + store.path() + "\" has no file, and its directory is not listed as empty");
            }
        }
        return new ManifestTotals(files, directories, chunks, bytes);
    }

    /** How many chunks a file has. Only arithmetic: a size that no file can have is refused here. */
    int chunkCount(SnapshotPath path, long size) {
        if (size > MAX_FILE_SIZE) {
            throw new IllegalArgumentException("a file of " + size + " bytes is larger than " + MAX_FILE_SIZE);
        }
        long count = cutRuleOf(path).count(size);
        if (count > MAX_CHUNKS_PER_FILE) {
            throw new IllegalArgumentException("a file of " + size + " bytes has " + count + " chunks, more than "
                    + MAX_CHUNKS_PER_FILE + "; its store needs a larger chunk size");
        }
        return (int) count;
    }

    private CutRule cutRuleOf(SnapshotPath path) {
        return new CutRule(header.storeOf(path)
                .orElseThrow(() -> new IllegalArgumentException("the file \"" + path + "\" lies in no store"))
                .chunkSize());
    }

    private void checkCut(FileEntry file) {
        int count = chunkCount(file.path(), file.size());
        if (file.chunks().size() != count) {
            throw new IllegalArgumentException("the file \"" + file.path() + "\" of " + file.size() + " bytes has "
                    + file.chunks().size() + " chunks, by its store's chunk size it has " + count);
        }
        CutRule cut = cutRuleOf(file.path());
        for (int index = 0; index < count; index++) {
            ChunkRef chunk = file.chunks().get(index);
            long size = cut.size(file.size(), index);
            if (chunk.size() != size) {
                throw new IllegalArgumentException("chunk " + index + " of the file \"" + file.path() + "\" has "
                        + chunk.size() + " bytes, by its store's chunk size it has " + size);
            }
            if (chunk.storedAs() instanceof StoredAs.Zstandard stored && stored.size() > frameBound(size)) {
                throw new IllegalArgumentException("chunk " + index + " of the file \"" + file.path()
                        + "\" is longer compressed than Zstandard ever makes it");
            }
        }
    }

    /** At least ZSTD_COMPRESSBOUND of zstd.h. */
    private static long frameBound(long size) {
        return size + size / 256 + 512;
    }

    /** So that an export can give every chunk a name of its own. */
    private void checkNotMadeUp(String path) {
        Matcher name = MADE_UP.matcher(path);
        if (!name.matches() || (name.group(2) == null && name.group(3) == null)) {
            return;
        }
        int bits = name.group(2) == null ? 0 : PathSet.IN_PARTS;
        bits |= name.group(3) == null ? 0 : PathSet.COMPRESSED;
        if (paths.isFile(name.group(1), bits)) {
            throw new IllegalArgumentException("the path \"" + path + "\" is the name of a part of the file \""
                    + name.group(1) + "\" in the exports");
        }
    }

    /**
     * The engine makes its lock file itself; a restore makes it, too, and removes it again. Some file systems take a name
     * that differs in case for it.
     */
    private void checkNoLock(String path) {
        for (DatabaseStore store : header.stores()) {
            String lock = store.lockFile();
            boolean isLock = !lock.isEmpty()
                    && path.regionMatches(true, 0, lock, 0, lock.length())
                    && (path.length() == lock.length() || path.charAt(lock.length()) == '/');
            if (isLock) {
                throw new IllegalArgumentException("the path \"" + path + "\" is where the engine of the store \""
                        + store.path() + "\" has its lock file");
            }
        }
    }

    private static boolean isAtOrBelow(String path, String file) {
        return !file.isEmpty() && (path.equals(file) || path.startsWith(file + "/"));
    }
}
