package caravan.capture.rocksdb;

import java.util.HashSet;
import java.util.Set;

/**
 * Sequence numbers that a table has had to itself. Nothing is lost if no log has them: each belongs to one entry, or to
 * a file that the node put into the database as a whole ({@code IngestExternalFile}), which goes through no log. Not
 * safe for many threads.
 */
final class LoneSequences {

    private final Set<Long> sequences = new HashSet<>();

    void add(VersionEdit.NewTable table) {
        if (table.smallestSequence() == table.largestSequence()) {
            sequences.add(table.largestSequence());
        }
    }

    /** The first sequence number from {@code sequence} on that is none of these. */
    long after(long sequence) {
        long next = sequence;
        while (sequences.contains(next)) {
            next++;
        }
        return next;
    }
}
