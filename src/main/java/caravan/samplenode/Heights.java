package caravan.samplenode;

import java.util.Optional;

/** How many heights something concerns, and the lowest and highest of them. */
final class Heights {

    private long count;
    private long lowest = Long.MAX_VALUE;
    private long highest;

    void add(long height) {
        count++;
        lowest = Math.min(lowest, height);
        highest = Math.max(highest, height);
    }

    /** For example {@code lost 3 batches between 640 and 650}; empty if there are none. */
    Optional<String> describe(String what) {
        if (count == 0) {
            return Optional.empty();
        }
        return Optional.of(
                count == 1
                        ? what + " batch " + lowest
                        : what + " " + count + " batches between " + lowest + " and " + highest);
    }
}
