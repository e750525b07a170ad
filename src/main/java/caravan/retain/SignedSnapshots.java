package caravan.retain;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.TransientException;
import caravan.manifest.ChunkCollector;
import caravan.manifest.ManifestReader;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.StoredObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What signatures prove of the snapshots in a bucket. Whatever cannot be read, or is signed by nobody who is trusted,
 * fails: a collector that does not know what something needs deletes nothing.
 */
final class SignedSnapshots {

    private static final String HINT =
            "nothing is deleted while it is not known what this needs; put it right, add its signer to"
                    + " caravan.trusted-keys, or remove it by hand";

    private final ObjectStore store;

    private final TrustedKeys trusted;

    /** Notes that were found good, since all of them are read several times. */
    private final Map<Digest, VerifiedNote> good = new HashMap<>();

    SignedSnapshots(ObjectStore store, TrustedKeys trusted) {
        this.store = store;
        this.trusted = trusted;
    }

    /** The snapshot that {@code latest} leads to. */
    SnapshotId latest(DatabaseName database) throws CaravanException {
        String path = BucketPaths.latest(database);
        Pointer pointer = PointerFormat.read(verified(path, NoteKind.POINTER).line(), path);
        if (!pointer.database().equals(database)) {
            throw new DamagedException("read " + path + ": it is the pointer of " + pointer.database(), HINT);
        }
        return pointer.snapshot();
    }

    SnapshotRecord record(DatabaseName database, SnapshotId snapshot) throws CaravanException {
        String path = BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD);
        SnapshotRecord record =
                RecordFormat.read(verified(path, NoteKind.RECORD).line(), path);
        if (!record.database().equals(database) || !record.snapshot().equals(snapshot)) {
            throw new DamagedException(
                    "read " + path + ": it is the record of " + record.snapshot() + " of " + record.database(), HINT);
        }
        return record;
    }

    /**
     * Adds the digests of all chunks that a snapshot needs.
     *
     * @param record what says which manifest it is; nothing to believe the one that is there
     */
    void addChunks(DatabaseName database, SnapshotId snapshot, Optional<SnapshotRecord> record, Set<Digest> digests)
            throws CaravanException {
        String path = BucketPaths.ofSnapshot(database, snapshot, BucketPaths.MANIFEST);
        try (OpenObject object = store.open(path).orElseThrow(() -> absent(path));
                DigestInputStream in =
                        new DigestInputStream(new BufferedInputStream(object.body()), Digest.newMessageDigest())) {
            ManifestReader.read(in, path, new ChunkCollector(digests));
            in.transferTo(OutputStream.nullOutputStream());
            Digest found = Digest.fromBytes(in.getMessageDigest().digest());
            if (record.isPresent() && !record.get().manifest().digest().equals(found)) {
                throw new DamagedException("read " + path + ": it is not the manifest that was signed", HINT);
            }
        } catch (DamagedException e) {
            throw new DamagedException(e.getMessage(), HINT, e);
        } catch (IOException e) {
            throw new TransientException("read " + path + ": " + e, "try again", e);
        }
    }

    private VerifiedNote verified(String path, NoteKind kind) throws CaravanException {
        StoredObject object = store.read(path, SignedNote.MAX_BYTES).orElseThrow(() -> absent(path));
        Digest content = Digest.of(object.bytes());
        try {
            VerifiedNote known = good.get(content);
            VerifiedNote note = known == null ? SignedNote.verify(object.bytes(), kind, trusted, path) : known;
            good.put(content, note);
            return note;
        } catch (DamagedException e) {
            throw new DamagedException(e.getMessage(), HINT, e);
        }
    }

    private static DamagedException absent(String path) {
        return new DamagedException("read " + path + ": it is not there", HINT);
    }
}
