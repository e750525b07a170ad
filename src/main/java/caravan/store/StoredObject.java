package caravan.store;

import static java.util.Objects.requireNonNull;

/**
 * A small object, read whole.
 *
 * @param bytes its content; not copied
 * @param etag the version that was read, as {@link ObjectStore#replace} takes it; never a hash to rely on
 */
@SuppressWarnings("ArrayRecordComponent") // read once and parsed; nobody compares two of them
public record StoredObject(byte[] bytes, String etag) {

    /** Checks that nothing is missing. */
    public StoredObject {
        requireNonNull(bytes, "bytes");
        requireNonNull(etag, "etag");
    }
}
