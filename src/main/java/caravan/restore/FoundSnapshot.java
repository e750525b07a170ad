package caravan.restore;

import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import java.util.List;

/**
 * A snapshot whose record is signed by a trusted key.
 *
 * @param pointers the pointer that led to it; none if the snapshot was named
 * @param record what the publisher states
 * @param signer fingerprint of the key
 */
public record FoundSnapshot(List<Pointer> pointers, SnapshotRecord record, String signer) {

    /** Copies the list. */
    public FoundSnapshot {
        pointers = List.copyOf(pointers);
    }
}
