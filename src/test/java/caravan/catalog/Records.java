package caravan.catalog;

import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.InMemoryObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Records of snapshots that were never taken, and how they get into a store. */
final class Records {

    static final Instant DAY_ZERO = Instant.parse("2026-11-01T08:00:00Z");

    static final long BYTES = 1000;

    private Records() {}

    /** The record of the snapshot that {@code database} had on that day. */
    static SnapshotRecord of(String database, int day) {
        return of(database, day, "polkadot");
    }

    static SnapshotRecord of(String database, int day, String network) {
        SnapshotId id = idOf(day);
        return new SnapshotRecord(
                new DatabaseName(database),
                id,
                network,
                "0x91b1",
                "full",
                "256",
                List.of(Engine.ROCKSDB),
                "1.20.0",
                id.height(),
                "rpc",
                "0xab",
                id.createdAt(),
                id.createdAt().plus(Duration.ofDays(7)),
                "live",
                7,
                "structure",
                "none",
                new ManifestTotals(3, 1, 4, BYTES),
                new ObjectRef(BucketPaths.MANIFEST, 5, Digest.OF_NOTHING),
                new ObjectRef(BucketPaths.CHUNKS, 6, Digest.OF_NOTHING));
    }

    static SnapshotId idOf(int day) {
        return new SnapshotId(DAY_ZERO.plus(Duration.ofDays(day)), 1000L + day);
    }

    /** What changed since the day before; everything on day 0. */
    static SnapshotChange changeOn(int day) {
        return day == 0
                ? new SnapshotChange(List.of(), BYTES, 0)
                : new SnapshotChange(List.of(idOf(day - 1)), 10, BYTES - 10);
    }

    /** Stores record and pointer as a publication does. */
    static SnapshotRecord publish(InMemoryObjectStore store, SigningKey key, SnapshotRecord record) throws Exception {
        byte[] line = RecordFormat.write(record);
        put(store, pathOf(record), SignedNote.sign(line, NoteKind.RECORD, key));
        Pointer pointer = new Pointer(
                record.database(),
                1,
                "run",
                record.createdAt(),
                record.createdAt().plus(Duration.ofDays(14)),
                new ObjectRef(record.snapshot() + "/" + BucketPaths.RECORD, line.length + 1, Digest.OF_NOTHING));
        put(
                store,
                BucketPaths.latest(record.database()),
                SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, key));
        return record;
    }

    static String pathOf(SnapshotRecord record) {
        return BucketPaths.ofSnapshot(record.database(), record.snapshot(), BucketPaths.RECORD);
    }

    private static void put(InMemoryObjectStore store, String path, byte[] bytes) throws Exception {
        store.put(path, Content.of(bytes, "text/plain", CachePolicy.MUTABLE));
    }
}
