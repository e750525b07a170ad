package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.SnapshotRecord;

/**
 * What a restore would do.
 *
 * @param record of the snapshot
 * @param byHash whether every byte that is there was hashed; otherwise it is told from outside: by what this client
 *     remembers of the directory, else by the sizes of files
 * @param bytesToFetch of chunks, as they are stored: what crosses the network; one that stands in several places counts
 *     once
 * @param chunksToFetch requests for them; pointer, record and manifest are a few more
 * @param bytesKept of files, in place already or elsewhere in the copy that is replaced
 * @param filesNew files that do not exist yet
 * @param filesChanged files that exist and differ
 * @param filesKept files that are in place
 * @param filesAside files of the directory's stores that the snapshot does not have, and that would be moved aside
 * @param room what the disk must take, and what it can
 * @param probe what the sources deliver
 */
public record PlannedFetch(
        SnapshotRecord record,
        boolean byHash,
        long bytesToFetch,
        long chunksToFetch,
        long bytesKept,
        long filesNew,
        long filesChanged,
        long filesKept,
        long filesAside,
        Room room,
        Probe probe) {

    /** Checks that all is there. */
    public PlannedFetch {
        requireNonNull(record, "record");
        requireNonNull(room, "room");
        requireNonNull(probe, "probe");
    }

    /**
     * Room on the disk.
     *
     * @param bytes by which files grow or come to be
     * @param inodes files and directories that are made
     * @param bytesFree what the file system has; -1 if no directory was named
     */
    public record Room(long bytes, long inodes, long bytesFree) {}

    /**
     * A short measurement.
     *
     * @param bytes that arrived, as stored
     * @param nanos that took; 0 if nothing was measured
     * @param failure why nothing, or not more, was measured; empty if all went well
     */
    public record Probe(long bytes, long nanos, String failure) {

        /** Nobody asked for a measurement, or there was nothing to fetch. */
        public static final Probe NONE = new Probe(0, 0, "");

        /** Whether it says anything. */
        public boolean isKnown() {
            return bytes > 0 && nanos > 0;
        }

        /** Bytes a second; 0 if not known. */
        public double rate() {
            return isKnown() ? bytes * 1e9 / nanos : 0;
        }
    }

    /** Seconds that fetching takes at the measured rate; 0 if not known. */
    public double seconds() {
        return probe.isKnown() ? bytesToFetch / probe.rate() : 0;
    }
}
