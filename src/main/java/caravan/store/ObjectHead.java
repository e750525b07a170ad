package caravan.store;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Digest;

/**
 * What a store tells about an object without sending it.
 *
 * @param size bytes
 * @param etag version token; not a hash of anything one may rely on
 * @param checksum what the store knows of the content's SHA-256
 * @param contentType as it will be served; empty if not told
 * @param cacheControl as it will be served; empty if not told
 */
public record ObjectHead(long size, String etag, Checksum checksum, String contentType, String cacheControl) {

    /** Whether the store kept the SHA-256 it was sent. */
    public sealed interface Checksum {

        /** It did, and had compared it with the bytes if it is a store that does ({@link StoreAbilities}). */
        record Sha256(Digest digest) implements Checksum {}

        /** It did not, or does not tell. */
        record NotTold() implements Checksum {}
    }

    /** How an object relates to content that should be there. */
    public enum Likeness {
        /** Size and SHA-256 agree. */
        SAME,
        /** The size agrees and the store does not tell a SHA-256: only reading it can prove more. */
        SAME_SIZE,
        /** It is something else. */
        DIFFERENT
    }

    /** Checks that nothing is missing. */
    public ObjectHead {
        requireNonNull(etag, "etag");
        requireNonNull(checksum, "checksum");
        requireNonNull(contentType, "contentType");
        requireNonNull(cacheControl, "cacheControl");
    }

    /** Compares what is stored with {@code size} bytes that have this digest. */
    public Likeness compare(long size, Digest digest) {
        if (this.size != size) {
            return Likeness.DIFFERENT;
        }
        if (checksum instanceof Checksum.Sha256 stored) {
            return stored.digest().equals(digest) ? Likeness.SAME : Likeness.DIFFERENT;
        }
        return Likeness.SAME_SIZE;
    }
}
