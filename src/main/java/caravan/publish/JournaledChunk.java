package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;

/**
 * A chunk that is stored.
 *
 * @param digest of its content
 * @param storedAs in which form
 */
record JournaledChunk(Digest digest, StoredAs storedAs) {

    JournaledChunk {
        requireNonNull(digest, "digest");
        requireNonNull(storedAs, "storedAs");
    }
}
