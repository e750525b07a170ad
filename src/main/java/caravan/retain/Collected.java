package caravan.retain;

import caravan.retain.RetentionReport.Amount;
import java.util.List;

/**
 * What a collection has really taken away by now, also one that ended early.
 *
 * @param chunks whose deletion was acknowledged
 * @param snapshots that are gone, in that order: their records are, and mostly the rest of them
 */
public record Collected(Amount chunks, List<Verdict> snapshots) {

    /** Of a collection that has not begun. */
    public static final Collected NOTHING = new Collected(Amount.NONE, List.of());

    /** Copies the list. */
    public Collected {
        snapshots = List.copyOf(snapshots);
    }

    /** Whether there is nothing. */
    public boolean isNothing() {
        return chunks.objects() == 0 && snapshots.isEmpty();
    }
}
