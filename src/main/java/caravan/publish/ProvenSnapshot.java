package caravan.publish;

import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Path;

/**
 * Everything that will be visible of a snapshot, written to the work directory and read back.
 *
 * @param manifest {@code manifest.jsonl}
 * @param chunks {@code chunks.tsv}
 * @param aria2 {@code aria2.txt}
 * @param sums {@code SHA256SUMS}
 * @param metalink {@code snapshot.meta4}
 * @param totals of the manifest
 * @param record what will be stated about it
 * @param recordNote the signed record, as it will be stored
 * @param recordLine name, size and digest of the record's first line, for the pointer
 */
@SuppressWarnings("ArrayRecordComponent") // one instance a run; nobody compares two
record ProvenSnapshot(
        WorkFile manifest,
        WorkFile chunks,
        WorkFile aria2,
        WorkFile sums,
        WorkFile metalink,
        ManifestTotals totals,
        SnapshotRecord record,
        byte[] recordNote,
        ObjectRef recordLine) {

    /**
     * A file in the work directory.
     *
     * @param path where it is
     * @param ref name, size and digest that it has in the bucket
     */
    record WorkFile(Path path, ObjectRef ref) {}
}
