package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.snapshot.Digest;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Optional;

/** Asks the store about single chunks. It makes one attempt; the route retries. Safe for use by many threads. */
public final class ChunkPresence {

    private static final int BUFFER_BYTES = 256 * 1024;

    private final ObjectStore store;

    private final boolean storeChecksUploads;

    /**
     * Asks {@code store}.
     *
     * @param storeChecksUploads whether it refuses bytes that do not match the SHA-256 sent along; if it does not, each
     *     new chunk is read back
     */
    public ChunkPresence(ObjectStore store, boolean storeChecksUploads) {
        this.store = store;
        this.storeChecksUploads = storeChecksUploads;
    }

    /**
     * Whether {@code chunk} is there; one that a drill found bad is read. Called by route {@code upload-chunk}.
     *
     * @throws DamagedException if something else is stored under its name
     */
    public NamedChunk look(NamedChunk chunk) throws CaravanException {
        Optional<ObjectHead> head = store.head(chunk.path());
        if (head.isEmpty()) {
            return chunk.in(NamedChunk.State.MISSING);
        }
        if (head.get().compare(chunk.slice().size(), chunk.digest()) == ObjectHead.Likeness.DIFFERENT) {
            throw new DamagedException(
                    "looked for chunk " + chunk.path() + " of " + chunk.slice().where() + ": the store has "
                            + head.get().size() + " bytes under that name that are something else",
                    "the object was damaged or replaced; delete it in the bucket and publish again");
        }
        if (chunk.slice().publication().stored().suspected().contains(chunk.digest())) {
            readBack(chunk, "it was damaged in the bucket; delete it there, let the CDN forget it, and publish again");
        }
        return chunk.in(NamedChunk.State.REUSED);
    }

    /**
     * What to make of a store that says {@code chunk} exists already although it was missing a moment ago: another
     * writer was faster, or our own first attempt arrived and its answer was lost. Called by the error policy {@code
     * store-chunk}.
     *
     * @throws TransientException if it is not there after all
     */
    public NamedChunk confirm(NamedChunk chunk) throws CaravanException {
        NamedChunk found = look(chunk);
        if (found.isMissing()) {
            throw new TransientException(
                    "stored chunk " + chunk.path() + ": the store says it exists, then that it does not",
                    "another writer may be deleting chunks; try again");
        }
        return acknowledge(chunk);
    }

    /**
     * Takes the store's word that {@code chunk} is stored, or reads it back if the store does not check what arrives.
     * Called by route {@code upload-chunk}.
     */
    public NamedChunk acknowledge(NamedChunk chunk) throws CaravanException {
        if (!storeChecksUploads) {
            readBack(
                    chunk,
                    "it was damaged on the way or by the store, which checks no uploads; delete it and publish again");
        }
        return chunk.in(NamedChunk.State.SENT);
    }

    private void readBack(NamedChunk chunk, String hint) throws CaravanException {
        MessageDigest digest = Digest.newMessageDigest();
        Optional<OpenObject> object = store.open(chunk.path());
        if (object.isEmpty()) {
            throw new FailedException(
                    "read back chunk " + chunk.path() + ": the store does not have what it acknowledged",
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
            throw new TransientException("read back chunk " + chunk.path() + ": " + e, "try again", e);
        }
        Digest found = Digest.fromBytes(digest.digest());
        if (!found.equals(chunk.digest())) {
            throw new DamagedException("read back chunk " + chunk.path() + ": its bytes hash to " + found, hint);
        }
    }
}
