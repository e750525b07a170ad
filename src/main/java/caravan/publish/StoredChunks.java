package caravan.publish;

import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.util.Optional;
import java.util.Set;

/**
 * Chunks that count as stored without asking: those of the previous published snapshot, less the ones the collector is
 * about to delete. One in so many is asked for all the same, others in each run, so that a store that lost something is
 * found out before users are.
 *
 * @param published the previous snapshot's chunks
 * @param condemned chunks that the collector may delete
 * @param suspected chunks that were found bad, or missing, and count only after they were read
 * @param recheckOneIn share of known chunks that are asked for; 0 for none
 * @param turn which share it is this time; the next run takes the next one
 */
record StoredChunks(
        PublishedForms published, Set<Digest> condemned, Set<Digest> suspected, int recheckOneIn, long turn) {

    /** Of the previous snapshot's chunks. */
    Set<Digest> digests() {
        return published.digests();
    }

    /** In which form the previous snapshot has a chunk; none if it does not have it. */
    Optional<StoredAs> formOf(Digest digest) {
        return published.formOf(digest);
    }

    /** Whether the store has this chunk for all we know, and it is not its turn to be asked for. */
    boolean isKnown(Digest digest) {
        if (!digests().contains(digest) || condemned.contains(digest) || suspected.contains(digest)) {
            return false;
        }
        return recheckOneIn == 0
                || Math.floorMod(digest.first(), (long) recheckOneIn) != Math.floorMod(turn, (long) recheckOneIn);
    }
}
