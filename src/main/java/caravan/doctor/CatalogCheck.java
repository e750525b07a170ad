package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.manifest.CatalogFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Catalog;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.util.List;
import java.util.Optional;

/** Whether the catalog, and with it the status page, tells people of what is published. */
public final class CatalogCheck implements Examination {

    private static final String MENDED =
            "caravan run writes it anew within ten minutes; else the next publication does";

    private final List<BucketPointer> pointers;

    private final BucketCheck bucket;

    private final ObjectStore store;

    private final TrustedKeys trusted;

    /** The catalog in {@code store}, beside what {@code pointers} say, if {@code bucket} says that it can be read. */
    public CatalogCheck(List<BucketPointer> pointers, BucketCheck bucket, ObjectStore store, TrustedKeys trusted) {
        this.pointers = List.copyOf(pointers);
        this.bucket = bucket;
        this.store = store;
        this.trusted = trusted;
    }

    @Override
    public String subject() {
        return "catalog";
    }

    @Override
    public void examine(Findings findings) throws CaravanException {
        if (!bucket.isReadable(findings)) {
            return;
        }
        Optional<StoredObject> note = store.read(BucketPaths.CATALOG, SignedNote.MAX_BYTES);
        if (note.isEmpty()) {
            if (pointers.stream().allMatch(BucketPointer::isAbsent)) {
                findings.ok("none; nothing is published yet");
            } else {
                findings.note(
                        "the bucket has no " + BucketPaths.CATALOG + ", so the status page shows nothing", MENDED);
            }
            return;
        }
        Catalog catalog = CatalogFormat.read(
                SignedNote.verify(note.get().bytes(), NoteKind.CATALOG, trusted, BucketPaths.CATALOG)
                        .line(),
                BucketPaths.CATALOG);
        List<DatabaseName> behind = pointers.stream()
                .filter(pointer -> isBehind(catalog, pointer))
                .map(BucketPointer::database)
                .toList();
        if (behind.isEmpty()) {
            findings.ok("tells of what is published, as of " + catalog.generatedAt());
        } else {
            findings.note(
                    BucketPaths.CATALOG + " of " + catalog.generatedAt() + " does not tell of the latest snapshot of "
                            + behind,
                    MENDED);
        }
    }

    private static boolean isBehind(Catalog catalog, BucketPointer pointer) {
        Optional<SnapshotId> latest = pointer.readIfRight().map(Pointer::snapshot);
        return latest.isPresent()
                && catalog.databases().stream()
                        .filter(database -> database.name().equals(pointer.database()))
                        .flatMap(database -> database.snapshots().stream())
                        .noneMatch(snapshot -> snapshot.id().equals(latest.get()));
    }
}
