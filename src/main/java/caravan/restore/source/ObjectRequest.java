package caravan.restore.source;

import static java.util.Objects.requireNonNull;

/**
 * One attempt to read one published object whole.
 *
 * @param path relative to the base, of checked names alone
 * @param minSize fewest bytes the object may have
 * @param maxSize most bytes the object may have; not one byte beyond the next is read
 * @param bypass 0, or a number that is sent along as a query, so that a cache on the way does not answer from memory
 */
public record ObjectRequest(String path, long minSize, long maxSize, int bypass) {

    /** Checks the sizes. */
    public ObjectRequest {
        requireNonNull(path, "path");
        if (minSize < 0 || maxSize < minSize) {
            throw new IllegalArgumentException("between " + minSize + " and " + maxSize + " bytes is no size");
        }
    }

    /** An object whose size is known. */
    public static ObjectRequest exactly(String path, long size) {
        return new ObjectRequest(path, size, size, 0);
    }

    /** A small object of unknown size. */
    public static ObjectRequest atMost(String path, long size) {
        return new ObjectRequest(path, 0, size, 0);
    }

    /** The same, past the caches on the way. */
    public ObjectRequest bypassingCaches(int number) {
        return new ObjectRequest(path, minSize, maxSize, number);
    }

    boolean allows(long size) {
        return minSize <= size && size <= maxSize;
    }

    /** For messages. */
    String expectation() {
        return minSize == maxSize ? maxSize + " bytes" : "at most " + maxSize + " bytes";
    }
}
