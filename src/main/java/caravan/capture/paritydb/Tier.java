package caravan.capture.paritydb;

/** The sizes of entries: a table file holds entries of one size, and its name ends with the number of that in hex. */
final class Tier {

    /** Values that fit no entry are cut into parts, which are in this table of each column. */
    static final int OF_PARTS = 255;

    private static final int PART_BYTES = 4096;

    private static final double SMALLEST = 32;

    private static final double LARGEST = 32_760;

    private Tier() {}

    /** Bytes of an entry: the sizes grow evenly from one to the next. */
    static int entryBytes(int tier) {
        return tier == OF_PARTS
                ? PART_BYTES
                : (int) Math.round(SMALLEST * Math.pow(LARGEST / SMALLEST, tier / (double) (OF_PARTS - 1)));
    }
}
