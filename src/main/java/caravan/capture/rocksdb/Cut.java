package caravan.capture.rocksdb;

import java.util.List;
import java.util.NavigableMap;

/**
 * One moment of a database, held by links: how much of each file belongs to it.
 *
 * @param current content of CURRENT
 * @param manifest with the size it had before anything else was looked at
 * @param logs by number, each with the length that belongs to the cut
 * @param small CURRENT, OPTIONS, IDENTITY and the node's version file, as far as they exist
 * @param windowNanos how long the window was open
 */
record Cut(
        String current, HeldFile manifest, NavigableMap<Long, HeldFile> logs, List<HeldFile> small, long windowNanos) {

    /** A file that is linked; its {@code stat} was taken from the link, so it is of the file that is held. */
    record HeldFile(String name, FileStat stat) {}
}
