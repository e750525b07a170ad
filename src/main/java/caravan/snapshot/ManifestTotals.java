package caravan.snapshot;

/**
 * Last line of a manifest: how much it lists. A reader counts along and compares.
 *
 * @param files file lines
 * @param directories lines of empty directories
 * @param chunks chunks of all files, counted as often as they occur
 * @param bytes sum of the files' sizes
 */
public record ManifestTotals(long files, long directories, long chunks, long bytes) {

    /** Checks that nothing is negative. */
    public ManifestTotals {
        if (files < 0 || directories < 0 || chunks < 0 || bytes < 0) {
            throw new IllegalArgumentException("totals are not negative");
        }
    }
}
