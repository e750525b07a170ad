package caravan.catalog;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.CatalogFormat;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.StoredObject;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the bucket says about itself, as far as signatures prove it. It writes nothing. */
final class CatalogSource {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogSource.class);

    private final ObjectStore store;

    private final TrustedKeys trusted;

    private final Clock clock;

    CatalogSource(ObjectStore store, TrustedKeys trusted, Clock clock) {
        this.store = requireNonNull(store, "store");
        this.trusted = requireNonNull(trusted, "trusted");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * The catalog as it was found.
     *
     * @param etag version of the object; none if there is none
     * @param catalog what it says; none if it is not there or damaged
     */
    record Found(Optional<String> etag, Optional<Catalog> catalog) {

        boolean isBelieved() {
            return catalog.isPresent();
        }

        List<CatalogDatabase> databases() {
            return catalog.map(Catalog::databases).orElse(List.of());
        }

        /** Whether it has an entry for {@code snapshot}. */
        boolean lists(DatabaseName database, SnapshotId snapshot) {
            return databases().stream()
                    .filter(entry -> entry.name().equals(database))
                    .flatMap(entry -> entry.snapshots().stream())
                    .anyMatch(each -> each.id().equals(snapshot));
        }

        /** Whether it already tells what the publisher tells of itself. */
        boolean isTold(PublisherProfile profile) {
            return catalog.filter(told -> told.publisher().equals(profile.name())
                            && told.publicUrl().equals(profile.publicUrl()))
                    .isPresent();
        }
    }

    /**
     * A record, and who signed it.
     *
     * @param key fingerprint
     */
    record Signed(SnapshotRecord record, String key) {}

    /**
     * Reads the catalog. One that is damaged counts as missing, and is there to be replaced.
     *
     * @throws FailedException if it is whole, but signed by nobody who is trusted
     * @throws DamagedException if it is signed by somebody who is trusted, and still not understood
     */
    Found read() throws CaravanException {
        Optional<StoredObject> stored = readCatalog();
        if (stored.isEmpty()) {
            return new Found(Optional.empty(), Optional.empty());
        }
        Optional<String> etag = Optional.of(stored.get().etag());
        byte[] note = stored.get().bytes();
        VerifiedNote verified;
        try {
            verified = verify(note, NoteKind.CATALOG, BucketPaths.CATALOG);
        } catch (DamagedException e) {
            refuseStrangers(note, e);
            LOG.warn("{}; it is made anew", e.getMessage());
            return new Found(etag, Optional.empty());
        }
        return new Found(etag, Optional.of(CatalogFormat.read(verified.line(), BucketPaths.CATALOG)));
    }

    /** The record that {@code latest} leads to; none if nothing leads to one that can be believed. */
    Optional<Signed> latest(DatabaseName database) throws CaravanException {
        String path = BucketPaths.latest(database);
        try {
            Optional<StoredObject> stored = store.read(path, SignedNote.MAX_BYTES);
            if (stored.isEmpty()) {
                return Optional.empty();
            }
            VerifiedNote note = verify(stored.get().bytes(), NoteKind.POINTER, path);
            Pointer pointer = PointerFormat.read(note.line(), path);
            return signed(database, pointer.snapshot());
        } catch (DamagedException e) {
            LOG.warn("{}; the catalog goes without it", e.getMessage());
            return Optional.empty();
        }
    }

    /** The record of a snapshot; none if it is not there or cannot be believed. */
    Optional<SnapshotRecord> record(DatabaseName database, SnapshotId snapshot) throws CaravanException {
        try {
            return signed(database, snapshot).map(Signed::record);
        } catch (DamagedException e) {
            LOG.warn("{}; the catalog goes without it", e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether nobody promises to keep {@code snapshot} any more, and its record is gone. */
    boolean isRetired(DatabaseName database, CatalogSnapshot snapshot) throws CaravanException {
        return snapshot.retainUntil().isBefore(clock.instant())
                && store.head(BucketPaths.ofSnapshot(database, snapshot.id(), BucketPaths.RECORD))
                        .isEmpty();
    }

    private Optional<Signed> signed(DatabaseName database, SnapshotId snapshot) throws CaravanException {
        String path = BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD);
        Optional<StoredObject> stored = store.read(path, SignedNote.MAX_BYTES);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        VerifiedNote note = verify(stored.get().bytes(), NoteKind.RECORD, path);
        SnapshotRecord record = RecordFormat.read(note.line(), path);
        if (!record.database().equals(database) || !record.snapshot().equals(snapshot)) {
            throw new DamagedException(
                    "read " + path + ": it is the record of " + record.snapshot() + " of " + record.database(),
                    "somebody copied it there; find out who writes to the bucket");
        }
        return Optional.of(new Signed(record, note.fingerprint()));
    }

    /** The object up to one byte more than a note may have, so that one that is too long is seen as damaged. */
    private Optional<StoredObject> readCatalog() throws CaravanException {
        Optional<OpenObject> object = store.open(BucketPaths.CATALOG);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        try (OpenObject open = object.get()) {
            return Optional.of(new StoredObject(open.body().readNBytes(SignedNote.MAX_BYTES + 1), open.etag()));
        } catch (IOException e) {
            throw new TransientException("read " + BucketPaths.CATALOG + ": " + e, "try again", e);
        }
    }

    private VerifiedNote verify(byte[] note, NoteKind kind, String what) throws DamagedException {
        return SignedNote.verify(note, kind, trusted, what, clock.instant());
    }

    /** What another publisher signed is not damaged, and replacing it would lose that publisher's databases. */
    private static void refuseStrangers(byte[] note, DamagedException cause) throws FailedException {
        Set<String> signers = SignedNote.signers(note, NoteKind.CATALOG);
        if (!signers.isEmpty()) {
            throw new FailedException(
                    "replace " + BucketPaths.CATALOG + ": it is signed by " + String.join(", ", signers)
                            + ", whom this publisher does not trust",
                    "if that is another publisher into this bucket, or an older key, add it to caravan.trusted-keys;"
                            + " else delete the object",
                    cause);
        }
    }
}
