package caravan.manifest;

import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Instant;
import java.util.List;

/** The catalog whose bytes are kept for ever: a database of another publisher, a first snapshot, and one with no change. */
final class GoldenCatalog {

    private static final String OTHER_KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    private GoldenCatalog() {}

    static byte[] note(SnapshotRecord newest, SigningKey key) {
        return SignedNote.sign(CatalogFormat.write(of(newest, key.fingerprint())), NoteKind.CATALOG, key);
    }

    static Catalog of(SnapshotRecord newest, String key) {
        long bytes = newest.totals().bytes();
        SnapshotId before = SnapshotId.parse("20261121T083300Z-23442389");
        return new Catalog(
                "Example “Foundation” <ünïcode> 日本",
                Instant.parse("2026-11-22T08:40:05Z"),
                "https://cdn.example.org/snapshots",
                List.of(
                        new CatalogDatabase(
                                new DatabaseName("another"),
                                OTHER_KEY,
                                Instant.parse("2026-11-23T00:00:00Z"),
                                List.of(snapshot("20261120T000000Z-0", 0, List.of()))),
                        new CatalogDatabase(
                                newest.database(),
                                key,
                                Instant.parse("2026-11-24T08:33:00Z"),
                                List.of(
                                        CatalogSnapshot.of(
                                                newest, List.of(new SnapshotChange(List.of(before), 128, bytes - 128))),
                                        snapshot(
                                                before.toString(),
                                                before.height(),
                                                List.of(new SnapshotChange(List.of(), 1 << 20, 0)))))));
    }

    private static CatalogSnapshot snapshot(String id, long height, List<SnapshotChange> change) {
        return new CatalogSnapshot(
                SnapshotId.parse(id),
                "kusama",
                "",
                "archive",
                List.of(Engine.ROCKSDB, Engine.PARITYDB),
                "",
                height,
                SnapshotId.parse(id).createdAt(),
                Instant.parse("2026-12-22T00:00:00Z"),
                "live+stop",
                48_000,
                "structure",
                "none",
                new ManifestTotals(7, 0, 9, 1 << 20),
                change);
    }
}
