package caravan.snapshot;

import static java.util.Objects.requireNonNull;

/** In which form a chunk's content lies in the bucket. */
public sealed interface StoredAs {

    /** The content itself, under the chunk's own digest. */
    StoredAs PLAIN = new Plain();

    /** The content itself; use {@link #PLAIN}. */
    record Plain() implements StoredAs {}

    /**
     * One Zstandard frame that holds the content; its key ends in {@code .zst}.
     *
     * @param size bytes of the frame, at least 1
     * @param digest of the frame, not of the content
     */
    record Zstandard(long size, Digest digest) implements StoredAs {

        public Zstandard {
            if (size < 1) {
                throw new IllegalArgumentException("a compressed chunk has at least 1 byte, not " + size);
            }
            requireNonNull(digest, "digest");
        }
    }
}
