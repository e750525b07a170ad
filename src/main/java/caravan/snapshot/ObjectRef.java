package caravan.snapshot;

import static java.util.Objects.requireNonNull;

/**
 * A whole object that a signed note vouches for.
 *
 * @param path relative to the directory of the note's database or snapshot, as the note says
 * @param size bytes
 * @param digest of all its bytes
 */
public record ObjectRef(String path, long size, Digest digest) {

    /** Checks the path by the rule of {@link SnapshotPath}. */
    public ObjectRef {
        path = new SnapshotPath(path).value();
        requireNonNull(digest, "digest");
        if (size < 0) {
            throw new IllegalArgumentException("a size is not negative: " + size);
        }
    }
}
