package caravan.warm;

import java.util.stream.LongStream;

/**
 * Which objects of a plan are asked for next: all of them in an order of its own, then those that failed, a few times,
 * then a sample of those that came once more. It takes the same memory for any number of objects. Safe for many
 * threads.
 */
final class Rounds {

    /** Objects that failed and get another turn; beyond them a region is in such a state that it does not matter. */
    private static final int MAX_FAILED = 10_000;

    private final Shuffle order;

    private final WarmRules rules;

    private final IndexSample came;

    private IndexSample failed;

    private int begun;

    private boolean over;

    /**
     * Rounds over {@code size} objects.
     *
     * @param rules how often an object is asked for, and how many once more
     * @param seed of order and samples
     */
    Rounds(long size, WarmRules rules, long seed) {
        this.order = new Shuffle(size, seed);
        this.rules = rules;
        this.came = new IndexSample((int) Math.min(size, rules.sample()), seed);
        this.failed = new IndexSample(MAX_FAILED, seed);
    }

    /** Whether the last round was begun. */
    synchronized boolean isOver() {
        return over;
    }

    /** The next round; the one before must have ended. */
    synchronized Round next() {
        begun++;
        if (rules.onlyAgain()) {
            over = true;
            return new Round(order.size(), order::at, true, true);
        }
        if (begun == 1) {
            return new Round(order.size(), order::at, true, false);
        }
        if (begun <= rules.attempts() && failed.size() > 0) {
            IndexSample again = failed;
            failed = new IndexSample(MAX_FAILED, order.seed() + begun);
            return new Round(again.size(), place -> again.at((int) place), false, false);
        }
        over = true;
        return new Round(came.size(), place -> came.at((int) place), false, true);
    }

    synchronized void failed(long index) {
        failed.add(index);
    }

    synchronized void came(long index) {
        came.add(index);
    }

    /** How many objects the last round asks for. */
    synchronized long sampled() {
        return rules.onlyAgain() ? order.size() : came.size();
    }

    /** Some of the objects that came, {@code most} at most. */
    synchronized long[] sample(int most) {
        return LongStream.range(0, Math.min(most, came.size()))
                .map(place -> came.at((int) place))
                .toArray();
    }

    /** How many objects are not asked for the first time, because that was done before. */
    long passedOver() {
        return rules.onlyAgain() ? order.size() : 0;
    }

    /** Gives the index of an object in the plan. */
    @FunctionalInterface
    interface Indexes {
        long at(long place);
    }

    /**
     * Objects that are asked for together.
     *
     * @param size how many
     * @param indexes which, by their place in the round
     * @param isFirst whether it is the first round of all
     * @param again whether it is the second look
     */
    record Round(long size, Indexes indexes, boolean isFirst, boolean again) {}
}
