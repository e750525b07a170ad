package caravan.publish;

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
public final class DigestList {

    /** Most digests in a list: publishers read no longer one. What does not fit waits for the next time. */
    public static final int LONGEST = 1_000_000;

    private static final int MAX_BYTES = 64 << 20;

    private DigestList() {}

    /** As it is stored. */
    public static Content of(Collection<Digest> digests) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(digests.size() * (2 * Digest.BYTES + 1));
        for (Digest digest : digests) {
            text.writeBytes((digest.hex() + "\n").getBytes(US_ASCII));
        }
        return Content.of(text.toByteArray(), "text/plain; charset=utf-8", CachePolicy.MUTABLE);
    }

    /**
     * The list at {@code path}; none if it is not there.
     *
     * @param hint what to do about one that is none
     * @throws DamagedException if a line is no digest
     */
    public static Optional<Set<Digest>> read(ObjectStore store, String path, String hint) throws CaravanException {
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
                throw new DamagedException("read " + path + ": a line is no digest: " + e.getMessage(), hint, e);
            }
        }
        return Optional.of(digests);
    }
}
