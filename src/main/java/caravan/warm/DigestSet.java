package caravan.warm;

import caravan.snapshot.Digest;

/**
 * Digests by 64 of their bits, 8 to 22 bytes for each. Two in some 10^7 sets of a million are taken for one another,
 * and then one chunk is not warmed.
 */
final class DigestSet {

    private long[] slots = new long[1 << 10];

    private int size;

    /** Adds {@code digest}; says whether it was not there. */
    boolean add(Digest digest) {
        int slot = slotOf(digest);
        if (slots[slot] != 0) {
            return false;
        }
        slots[slot] = keyOf(digest);
        size++;
        if (size > slots.length / 4 * 3) {
            grow();
        }
        return true;
    }

    boolean contains(Digest digest) {
        return slots[slotOf(digest)] != 0;
    }

    private int slotOf(Digest digest) {
        return slotOf(keyOf(digest));
    }

    private int slotOf(long key) {
        int mask = slots.length - 1;
        int slot = (int) key & mask;
        while (slots[slot] != 0 && slots[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        for (long key : old) {
            if (key != 0) {
                slots[slotOf(key)] = key;
            }
        }
    }

    private static long keyOf(Digest digest) {
        return digest.first() == 0 ? 1 : digest.first();
    }
}
