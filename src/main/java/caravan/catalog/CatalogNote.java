package caravan.catalog;

import caravan.failure.FailedException;
import caravan.manifest.CatalogFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A catalog as a signed note, without the oldest snapshots if it would be too large. */
final class CatalogNote {

    /** Room for one signature, which takes about 300 bytes. */
    private static final int SIGNATURE_BYTES = 512;

    private CatalogNote() {}

    /** The note of {@code catalog}, or of as much of it as fits. */
    static byte[] of(Catalog catalog, SigningKey key) throws FailedException {
        Catalog fitting = catalog;
        byte[] line = CatalogFormat.write(fitting);
        while (line.length > SignedNote.MAX_BYTES - SIGNATURE_BYTES) {
            fitting = withoutOldest(fitting);
            line = CatalogFormat.write(fitting);
        }
        return SignedNote.sign(line, NoteKind.CATALOG, key);
    }

    private static Catalog withoutOldest(Catalog catalog) throws FailedException {
        Optional<CatalogDatabase> longest = catalog.databases().stream()
                .filter(database -> database.snapshots().size() > 1)
                .min(Comparator.comparing(database -> oldest(database).createdAt()));
        if (longest.isEmpty()) {
            throw new FailedException(
                    "sign the catalog: the newest snapshots of "
                            + catalog.databases().size() + " databases do not fit into " + SignedNote.MAX_BYTES
                            + " bytes",
                    "publish some of them under another prefix");
        }
        List<CatalogDatabase> databases = new ArrayList<>(catalog.databases());
        databases.replaceAll(
                database -> database.name().equals(longest.get().name()) ? withoutOldest(database) : database);
        return new Catalog(catalog.publisher(), catalog.generatedAt(), catalog.publicUrl(), databases);
    }

    private static CatalogDatabase withoutOldest(CatalogDatabase database) {
        List<CatalogSnapshot> snapshots = database.snapshots();
        return new CatalogDatabase(
                database.name(),
                database.key(),
                database.expectedBy(),
                snapshots.subList(0, snapshots.size() - 1),
                database.refused());
    }

    private static CatalogSnapshot oldest(CatalogDatabase database) {
        return database.snapshots().get(database.snapshots().size() - 1);
    }
}
