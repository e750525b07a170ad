package caravan.snapshot;

import static java.util.Objects.requireNonNull;

/**
 * A run of bytes of one file, named by its content.
 *
 * @param digest of the plain content
 * @param size bytes of the plain content, at least 1
 * @param storedAs how the bucket holds it
 */
public record ChunkRef(Digest digest, long size, StoredAs storedAs) {

    public ChunkRef {
        requireNonNull(digest, "digest");
        requireNonNull(storedAs, "storedAs");
        if (size < 1) {
            throw new IllegalArgumentException("a chunk has at least 1 byte, not " + size);
        }
    }

    /** A chunk that is stored as it is. */
    public static ChunkRef plain(Digest digest, long size) {
        return new ChunkRef(digest, size, StoredAs.PLAIN);
    }
}
