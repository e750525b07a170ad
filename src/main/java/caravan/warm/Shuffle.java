package caravan.warm;

/**
 * The whole numbers below {@code size} in an order that looks random, without a list of them: a keyed permutation
 * (a Feistel network of four rounds over the next power of four, walked until it is inside).
 *
 * <p>Regions that fetch the same objects in different orders do not ask the origin for the same one at the same time.
 *
 * @param size how many numbers there are
 * @param seed which order it is
 */
record Shuffle(long size, long seed) {

    private static final int ROUNDS = 4;

    Shuffle {
        if (size < 0) {
            throw new IllegalArgumentException("there cannot be " + size + " numbers");
        }
    }

    /** The number at {@code place}, both from 0. */
    long at(long place) {
        if (place < 0 || place >= size) {
            throw new IndexOutOfBoundsException("place " + place + " of " + size);
        }
        int half = (Long.SIZE - Long.numberOfLeadingZeros(Math.max(size - 1, 1)) + 1) / 2;
        long number = place;
        do {
            number = permute(number, half);
        } while (number >= size);
        return number;
    }

    /** A permutation of the numbers of {@code 2 * half} bits. */
    private long permute(long number, int half) {
        long mask = (1L << half) - 1;
        long left = number >>> half;
        long right = number & mask;
        for (int round = 0; round < ROUNDS; round++) {
            long mixed = left ^ (mix(right + seed + round * 0x9E3779B97F4A7C15L) & mask);
            left = right;
            right = mixed;
        }
        return (left << half) | right;
    }

    /** The finisher of SplitMix64. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
