package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/** Proves by reading it that an object in the bucket is what it should be. Makes one attempt; safe for many threads. */
final class ReadBack {

    private static final int BUFFER_BYTES = 256 * 1024;

    /** 8 MiB, which every decoder supports (RFC 8878, 3.1.1.1.2). */
    private static final int LARGEST_WINDOW_LOG = 23;

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
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OpenObject open = open(path, tried)) {
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

    /**
     * Reads all of the compressed chunk at {@code path}, and says what it is.
     *
     * @param content of the chunk
     * @param size of the content
     * @throws DamagedException if something else is in it
     */
    StoredAs.Zstandard unpack(String path, Digest content, long size) throws CaravanException {
        String tried = "read back chunk " + path + ": ";
        String hint = "it was damaged or replaced; delete it in the bucket and publish again";
        MessageDigest framed = Digest.newMessageDigest();
        MessageDigest plain = Digest.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (OpenObject open = open(path, tried)) {
            DigestInputStream frame = new DigestInputStream(open.body(), framed);
            long unpacked = 0;
            try (ZstdInputStreamNoFinalizer frames = new ZstdInputStreamNoFinalizer(frame)) {
                frames.setLongMax(LARGEST_WINDOW_LOG);
                for (int count = frames.read(buffer); count >= 0 && unpacked <= size; count = frames.read(buffer)) {
                    plain.update(buffer, 0, count);
                    unpacked += count;
                }
            } catch (ZstdIOException e) {
                throw new DamagedException(tried + "it cannot be decompressed: " + e.getMessage(), hint, e);
            }
            if (unpacked != size || !Digest.fromBytes(plain.digest()).equals(content)) {
                throw new DamagedException(tried + "what is compressed in it is something else", hint);
            }
            return new StoredAs.Zstandard(open.size(), Digest.fromBytes(framed.digest()));
        } catch (IOException e) {
            throw new TransientException(tried + e, "try again", e);
        }
    }

    private OpenObject open(String path, String tried) throws CaravanException {
        return store.open(path)
                .orElseThrow(() -> new FailedException(
                        tried + "the store does not have what it acknowledged",
                        "the store loses objects; do not publish to it"));
    }
}
