package caravan.retain;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.snapshot.Digest;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Lists of chunks that collectors and publishers leave for each other: one digest a line. */
final class DigestList {

    /** Most digests in a list: publishers read no longer one. What does not fit waits for the next time. */
    static final int LONGEST = 1_000_000;

    private static final int MAX_BYTES = 64 << 20;

    private DigestList() {}

    static Content of(Collection<Digest> digests) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(digests.size() * (2 * Digest.BYTES + 1));
        for (Digest digest : digests) {
            text.writeBytes((digest.hex() + "\n").getBytes(US_ASCII));
        }
        return Content.of(text.toByteArray(), "text/plain; charset=utf-8", CachePolicy.MUTABLE);
    }

    /** The list at {@code path}; none if it is not there. */
    static Optional<Set<Digest>> read(ObjectStore store, String path) throws CaravanException {
        Optional<StoredObject> object = store.read(path, MAX_BYTES);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        Set<Digest> digests = new HashSet<>();
        for (String line : new String(object.get().bytes(), US_ASCII).split("\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            try {
                digests.add(Digest.fromHex(line));
            } catch (IllegalArgumentException e) {
                throw new DamagedException(
                        "read " + path + ": a line is no digest: " + e.getMessage(),
                        "look who writes to the bucket; remove it, and the next collection begins anew",
                        e);
            }
        }
        return Optional.of(digests);
    }
}
