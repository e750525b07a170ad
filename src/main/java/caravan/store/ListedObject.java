package caravan.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a listing tells of an object.
 *
 * @param key relative to the prefix, as it is: others may have stored objects whose keys break our rule
 * @param size bytes
 * @param storedAt when it was stored, by the store's clock
 */
public record ListedObject(String key, long size, Instant storedAt) {

    /** Checks that nothing is missing. */
    public ListedObject {
        requireNonNull(key, "key");
        requireNonNull(storedAt, "storedAt");
    }
}
