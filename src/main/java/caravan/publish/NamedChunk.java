package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;

/**
 * A slice whose content has been hashed, and what is known about it in the store.
 *
 * @param slice where its bytes are
 * @param digest of its bytes
 * @param state whether the store has it
 */
public record NamedChunk(ChunkSlice slice, Digest digest, State state) {

    /** What is known about a chunk in the store. */
    public enum State {
        /** Nobody has looked yet. */
        UNKNOWN,
        /** It is not there and must be sent. */
        MISSING,
        /** It was there before this run. */
        REUSED,
        /** This run sent it and the store acknowledged it. */
        SENT
    }

    /** Checks that nothing is null. */
    public NamedChunk {
        requireNonNull(slice, "slice");
        requireNonNull(digest, "digest");
        requireNonNull(state, "state");
    }

    /** Whether the store has to be asked. Called by route {@code upload-chunk}. */
    public boolean isUnknown() {
        return state == State.UNKNOWN;
    }

    /** Whether the bytes must be sent. Called by route {@code upload-chunk}. */
    public boolean isMissing() {
        return state == State.MISSING;
    }

    /** Whether the store has it for all that is known. */
    boolean isStored() {
        return state == State.REUSED || state == State.SENT;
    }

    /** Whether this run sent it, and the store acknowledged it. */
    public boolean isSent() {
        return state == State.SENT;
    }

    /** Path of its object below the bucket's prefix. */
    public String path() {
        return BucketPaths.chunk(digest, StoredAs.PLAIN);
    }

    NamedChunk in(State next) {
        return new NamedChunk(slice, digest, next);
    }
}
