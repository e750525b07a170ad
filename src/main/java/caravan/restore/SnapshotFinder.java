package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.Retries;
import caravan.signature.NoteKind;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Clock;
import java.util.List;

/**
 * Follows the chain of trust: pointer, record, and what the record says about the manifest. Nothing is parsed before
 * its signature is found good.
 */
final class SnapshotFinder {

    private final ObjectSource source;
    private final NoteReading notes;
    private final SequenceMemory sequences;
    private final Clock clock;

    SnapshotFinder(ObjectSource source, Retries retries, TrustedKeys trusted, SequenceMemory sequences, Clock clock) {
        this.source = source;
        this.notes = new NoteReading(source, retries, trusted, clock);
        this.sequences = sequences;
        this.clock = clock;
    }

    /**
     * The snapshot that {@code location} means.
     *
     * @throws DamagedException if a signature, a hash or a name does not match
     * @throws RefusedException if the pointer is expired or older than one that was accepted
     */
    FoundSnapshot find(SnapshotLocation location) throws CaravanException, InterruptedException {
        DatabaseName database = location.database();
        if (!location.snapshots().isEmpty()) {
            VerifiedNote note = recordNote(database, location.snapshots().get(0));
            return new FoundSnapshot(
                    List.of(), record(note, location, location.snapshots().get(0)), note.fingerprint());
        }
        Pointer pointer = latest(database);
        SnapshotId snapshot = snapshotOf(pointer.record(), source.locate(BucketPaths.latest(database)));
        VerifiedNote note = recordNote(database, snapshot);
        ObjectRef expected = pointer.record();
        if (note.lineSize() != expected.size() || !note.lineDigest().equals(expected.digest())) {
            throw new DamagedException(
                    recordOf(database, snapshot) + " is not the record that the pointer names: its line has "
                            + note.lineSize() + " bytes and " + note.lineDigest() + ", the pointer says "
                            + expected.size() + " bytes and " + expected.digest(),
                    "a cache on the way mixes two publications; try again in a minute");
        }
        return new FoundSnapshot(List.of(pointer), record(note, location, snapshot), note.fingerprint());
    }

    private Pointer latest(DatabaseName database) throws CaravanException, InterruptedException {
        String path = BucketPaths.latest(database);
        String what = source.locate(path);
        VerifiedNote note = notes.read(path, NoteKind.POINTER);
        Pointer pointer = PointerFormat.read(note.line(), what);
        if (!pointer.database().equals(database)) {
            throw new DamagedException(
                    what + " is the pointer of " + pointer.database() + ", not of " + database,
                    "the server mixes up databases; tell the publisher");
        }
        if (!clock.instant().isBefore(pointer.expiresAt())) {
            throw new RefusedException(
                    what + " expired at " + pointer.expiresAt() + "; it was signed at " + pointer.publishedAt(),
                    "the publisher stopped, a cache serves an old copy, or the clock of this machine is wrong; a"
                            + " snapshot can be fetched by its own URL: .../" + database + "/<snapshot>");
        }
        sequences.accept(pointer, note.fingerprint(), what);
        return pointer;
    }

    private VerifiedNote recordNote(DatabaseName database, SnapshotId snapshot)
            throws CaravanException, InterruptedException {
        return notes.read(BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD), NoteKind.RECORD);
    }

    private SnapshotRecord record(VerifiedNote note, SnapshotLocation location, SnapshotId snapshot)
            throws DamagedException {
        String what = recordOf(location.database(), snapshot);
        SnapshotRecord record = RecordFormat.read(note.line(), what);
        if (!record.database().equals(location.database()) || !record.snapshot().equals(snapshot)) {
            throw new DamagedException(
                    what + " is the record of snapshot " + record.snapshot() + " of " + record.database(),
                    "the server mixes up snapshots; tell the publisher");
        }
        requireName(record.manifest(), BucketPaths.MANIFEST, what);
        requireName(record.chunks(), BucketPaths.CHUNKS, what);
        return record;
    }

    private static void requireName(ObjectRef object, String name, String what) throws DamagedException {
        if (!object.path().equals(name)) {
            throw new DamagedException(
                    what + " names \"" + object.path() + "\" where format v1 has " + name, "use a newer client");
        }
    }

    private static SnapshotId snapshotOf(ObjectRef record, String what) throws DamagedException {
        String suffix = "/" + BucketPaths.RECORD;
        try {
            if (record.path().endsWith(suffix)) {
                return SnapshotId.parse(record.path().substring(0, record.path().length() - suffix.length()));
            }
            throw new IllegalArgumentException("it does not end in " + suffix);
        } catch (IllegalArgumentException e) {
            throw new DamagedException(
                    what + " names the record \"" + record.path() + "\": " + e.getMessage(), "use a newer client", e);
        }
    }

    private String recordOf(DatabaseName database, SnapshotId snapshot) {
        return source.locate(BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD));
    }
}
