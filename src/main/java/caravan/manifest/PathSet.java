package caravan.manifest;

import caravan.snapshot.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Locale;

/**
 * What lies where in one tree, to find two names that a file system would take for one.
 *
 * <p>A path is remembered as two times 64 bits of SHA-256, of the path without regard to case and of the path itself;
 * so a million paths take 32 MB (48 while it grows) whatever their length, and a tree is refused without reason once in
 * some 10^7 trees of that size. Memory is bounded by {@link #MAX_PATHS}.
 */
final class PathSet {

    /** Most files, empty directories, and directories that lead to them. */
    static final int MAX_PATHS = 4_000_000;

    /** What a path is. A file has {@link #FILE} and perhaps the other two bits. */
    static final int STORE = 1;

    static final int DIRECTORY = 2;
    static final int EMPTY_DIRECTORY = 3;
    static final int FILE = 8;
    static final int IN_PARTS = 4;
    static final int COMPRESSED = 2;

    private static final long KIND = 0xF;

    private static final int FIRST_CAPACITY = 1 << 10;

    private final MessageDigest sha256 = Digest.newMessageDigest();

    /** Open addressing, a power of two; 0 is a free slot. */
    private long[] folded = new long[FIRST_CAPACITY];

    private long[] exact = new long[FIRST_CAPACITY];
    private int size;

    /** Adds {@code path} as {@code kind}, and everything that leads to it as directories. */
    void add(String path, int kind) {
        addParents(path, "", kind == STORE ? STORE : DIRECTORY);
        put(path, kind);
    }

    /** As {@link #add}, knowing that what leads to {@code previous} was added before. */
    void addAfter(String previous, String path, int kind) {
        addParents(path, previous, DIRECTORY);
        put(path, kind);
    }

    /** Whether exactly this path is a file and has all of {@code bits}. */
    boolean isFile(String path, int bits) {
        long hash = hash(path);
        long found = exact[slotOf(foldedHash(path, hash))];
        return (found & ~KIND) == (hash & ~KIND) && (found & (FILE | bits)) == (FILE | bits);
    }

    /** Whether nothing lies at or below this path but stores, of which nothing was added. */
    boolean isBareStore(String path) {
        return (exact[slotOf(foldedHash(path, hash(path)))] & KIND) == STORE;
    }

    private void addParents(String path, String previous, int kind) {
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            if (!previous.regionMatches(0, path, 0, slash + 1)) {
                put(path.substring(0, slash), kind);
            }
        }
    }

    private void put(String path, int kind) {
        long hash = hash(path);
        long key = foldedHash(path, hash);
        long value = (hash & ~KIND) | kind;
        int slot = slotOf(key);
        if (folded[slot] != 0) {
            exact[slot] = merge(path, exact[slot], value);
            return;
        }
        if (size == MAX_PATHS) {
            throw new IllegalArgumentException("the tree has more than " + MAX_PATHS + " files and directories");
        }
        folded[slot] = key;
        exact[slot] = value;
        size++;
        if (size > folded.length / 4 * 3) {
            grow();
        }
    }

    /** The new entry of a path that is there already. */
    private static long merge(String path, long before, long after) {
        if ((before & ~KIND) != (after & ~KIND)) {
            throw new IllegalArgumentException(
                    "the path \"" + path + "\" differs from an earlier one in upper and lower case alone");
        }
        long was = before & KIND;
        long is = after & KIND;
        if (was == STORE && is < FILE) {
            return after;
        }
        if (was == is && is == DIRECTORY) {
            return before;
        }
        boolean bothFiles = was >= FILE && is >= FILE;
        if (bothFiles || (was == EMPTY_DIRECTORY && is == EMPTY_DIRECTORY)) {
            throw new IllegalArgumentException("the path \"" + path + "\" occurs twice");
        }
        if (was < FILE && is < FILE) {
            throw new IllegalArgumentException("the directory \"" + path + "\" is listed as empty and is not");
        }
        throw new IllegalArgumentException("the path \"" + path + "\" is both a file and a directory");
    }

    private int slotOf(long key) {
        int mask = folded.length - 1;
        int slot = (int) key & mask;
        while (folded[slot] != 0 && folded[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldFolded = folded;
        long[] oldExact = exact;
        folded = new long[2 * oldFolded.length];
        exact = new long[2 * oldExact.length];
        for (int old = 0; old < oldFolded.length; old++) {
            if (oldFolded[old] != 0) {
                int slot = slotOf(oldFolded[old]);
                folded[slot] = oldFolded[old];
                exact[slot] = oldExact[old];
            }
        }
    }

    /** Upper case and then lower case is close to Unicode's full case folding: it makes ß and SS the same. */
    private long foldedHash(String path, long hash) {
        String plain = path.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        long key = plain.equals(path) ? hash : hash(Normalizer.normalize(plain, Normalizer.Form.NFC));
        return key == 0 ? 1 : key;
    }

    private long hash(String path) {
        return ByteBuffer.wrap(sha256.digest(path.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }
}
