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
 * @param unheard names of sources that were asked for their latest and did not say it, so that they may have a newer
 *     one; none if the snapshot was named
 * @param overdue whether the pointer should have been signed again by now, so that its publisher may have stopped
 */
public record FoundSnapshot(
        List<Pointer> pointers, SnapshotRecord record, String signer, List<String> unheard, boolean overdue) {

    /** Copies the lists. */
    public FoundSnapshot {
        pointers = List.copyOf(pointers);
        unheard = List.copyOf(unheard);
    }

    FoundSnapshot without(List<String> sources) {
        return new FoundSnapshot(pointers, record, signer, sources, overdue);
    }
}
