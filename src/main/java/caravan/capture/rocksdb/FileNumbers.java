package caravan.capture.rocksdb;

import java.util.BitSet;

/** Numbers of files of one database. Every file gets its own, whatever it is. Not safe for many threads. */
final class FileNumbers {

    /** A database that has made more files than this is not known; what is above is forgotten. */
    private static final int HIGHEST = 1 << 28;

    private final BitSet numbers = new BitSet();

    void add(long number) {
        if (number >= 0 && number <= HIGHEST) {
            numbers.set((int) number);
        }
    }

    /** Whether each number from {@code first} on, and before {@code end}, is known. */
    boolean coverAll(long first, long end) {
        return first >= 0 && end <= HIGHEST && numbers.nextClearBit((int) first) >= end;
    }
}
