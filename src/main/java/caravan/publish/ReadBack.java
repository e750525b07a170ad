package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.snapshot.Digest;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Optional;

/** Proves by reading it that an object in the bucket is what it should be. Makes one attempt; safe for many threads. */
final class ReadBack {

    private static final int BUFFER_BYTES = 256 * 1024;

    private final ObjectStore store;

    ReadBack(ObjectStore store) {
        this.store = store;
    }

    /**
     * Reads all of {@code path}.
     *
     * @param what kind of object it is, for people
     * @param hint what to do if it is something else
     * @throws DamagedException if its bytes do not hash to {@code expected}
     */
    void require(String what, String path, Digest expected, String hint) throws CaravanException {
        MessageDigest digest = Digest.newMessageDigest();
        String tried = "read back " + what + " " + path + ": ";
        Optional<OpenObject> object = store.open(path);
        if (object.isEmpty()) {
            throw new FailedException(
                    tried + "the store does not have what it acknowledged",
                    "the store loses objects; do not publish to it");
        }
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OpenObject open = object.get()) {
            for (int count = open.body().read(buffer);
                    count >= 0;
                    count = open.body().read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw new TransientException(tried + e, "try again", e);
        }
        Digest found = Digest.fromBytes(digest.digest());
        if (!found.equals(expected)) {
            throw new DamagedException(tried + "its bytes hash to " + found, hint);
        }
    }
}
