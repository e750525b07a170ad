package caravan.warm;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;

/**
 * One object that edges should have.
 *
 * @param path below the public address
 * @param size bytes that are sent
 * @param digest of these bytes
 */
public record WarmObject(String path, long size, Digest digest) {

    /** Checks that nothing is null. */
    public WarmObject {
        requireNonNull(path, "path");
        requireNonNull(digest, "digest");
    }

    /** The object that holds {@code chunk}. */
    public static WarmObject of(ChunkRef chunk) {
        String path = BucketPaths.chunk(chunk.digest(), chunk.storedAs());
        return chunk.storedAs() instanceof StoredAs.Zstandard frame
                ? new WarmObject(path, frame.size(), frame.digest())
                : new WarmObject(path, chunk.size(), chunk.digest());
    }
}
