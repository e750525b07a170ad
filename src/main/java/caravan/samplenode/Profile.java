package caravan.samplenode;

/** How hard a sample node works its database. */
public enum Profile {

    /** Like a quiet node: large write buffers, 64 MiB tables, twenty batches a second. */
    DEMO(20, 20_000),

    /**
     * Two to three orders of magnitude harsher than a node: write buffers so small that tables are flushed more than
     * thirty times a second, write-ahead logs roll several times a second and the MANIFEST every few seconds.
     */
    TORTURE(800, 20_000);

    private final int batchesPerSecond;
    private final long window;

    Profile(int batchesPerSecond, long window) {
        this.batchesPerSecond = batchesPerSecond;
        this.window = window;
    }

    /** Batches a second that the main database gets unless told otherwise. */
    int batchesPerSecond() {
        return batchesPerSecond;
    }

    /** Heights that keep their entries, at least. */
    long window() {
        return window;
    }
}
