package caravan.warm;

import java.util.SplittableRandom;

/** So many indexes of all that were added, each with the same chance (a reservoir). Not safe for many threads. */
final class IndexSample {

    private final long[] kept;

    private final SplittableRandom random;

    private long added;

    IndexSample(int most, long seed) {
        this.kept = new long[most];
        this.random = new SplittableRandom(seed);
    }

    void add(long index) {
        added++;
        if (added <= kept.length) {
            kept[(int) added - 1] = index;
            return;
        }
        long place = random.nextLong(added);
        if (place < kept.length) {
            kept[(int) place] = index;
        }
    }

    int size() {
        return (int) Math.min(added, kept.length);
    }

    long at(int place) {
        return kept[place];
    }
}
