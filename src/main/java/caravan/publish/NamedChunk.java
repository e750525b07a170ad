package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A slice whose content has been hashed, and what is known about it in the store.
 *
 * @param slice where its bytes are
 * @param digest of its bytes
 * @param storedAs form in which the store has it, or shall have it
 * @param frames file that holds it in that form, if it is compressed and was compressed by this run; else none
 * @param state whether the store has it
 */
public record NamedChunk(ChunkSlice slice, Digest digest, StoredAs storedAs, List<Path> frames, State state) {

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
        requireNonNull(storedAs, "storedAs");
        frames = List.copyOf(frames);
        requireNonNull(state, "state");
    }

    /** A chunk that is stored as it is. */
    public static NamedChunk plain(ChunkSlice slice, Digest digest, State state) {
        return new NamedChunk(slice, digest, StoredAs.PLAIN, List.of(), state);
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
        return BucketPaths.chunk(digest, storedAs);
    }

    /** Bytes of its object. */
    public long storedSize() {
        return storedAs instanceof StoredAs.Zstandard frame ? frame.size() : slice.size();
    }

    /** Of the bytes of its object. */
    public Digest storedDigest() {
        return storedAs instanceof StoredAs.Zstandard frame ? frame.digest() : digest;
    }

    /** File that holds it compressed; none if it is sent as it lies in the capture. */
    public Optional<Path> frame() {
        return frames.stream().findFirst();
    }

    /** Whether the bytes of its object are at hand. */
    boolean isAtHand() {
        return storedAs.equals(StoredAs.PLAIN) || !frames.isEmpty();
    }

    NamedChunk in(State next) {
        return new NamedChunk(slice, digest, storedAs, frames, next);
    }

    NamedChunk packed(StoredAs.Zstandard form, Path frame) {
        return new NamedChunk(slice, digest, form, List.of(frame), state);
    }

    /** As somebody else compressed it. */
    NamedChunk foundAs(StoredAs.Zstandard form) {
        return new NamedChunk(slice, digest, form, frames, State.REUSED);
    }

    /** To be stored as it is. */
    NamedChunk unpacked() {
        return new NamedChunk(slice, digest, StoredAs.PLAIN, frames, state);
    }
}
