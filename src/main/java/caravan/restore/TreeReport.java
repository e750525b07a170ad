package caravan.restore;

import java.util.BitSet;
import java.util.List;

/**
 * How a directory differs from a manifest.
 *
 * @param matching chunks whose bytes are in their place, by number in the order of the manifest
 * @param growth bytes by which the files must grow
 * @param faultCount differences found
 * @param faults the first of them, each fit for a person
 * @param obstacles what stands where a file or directory belongs and is neither, a link above all
 * @param extraFiles files in the stores that are not in the manifest
 * @param extraDirectories directories in the stores that are not in the manifest, inner ones first
 */
record TreeReport(
        BitSet matching,
        long growth,
        long faultCount,
        List<String> faults,
        List<String> obstacles,
        List<String> extraFiles,
        List<String> extraDirectories) {

    /** No difference is known. */
    static final TreeReport NOTHING = new TreeReport(new BitSet(), 0, 0, List.of(), List.of(), List.of(), List.of());

    TreeReport {
        matching = (BitSet) matching.clone();
        faults = List.copyOf(faults);
        obstacles = List.copyOf(obstacles);
        extraFiles = List.copyOf(extraFiles);
        extraDirectories = List.copyOf(extraDirectories);
    }

    /** Whether the directory holds the snapshot and nothing else in its stores. */
    boolean isExact() {
        return faultCount == 0;
    }
}
