package caravan.capture.rocksdb;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a MANIFEST says the database consists of.
 *
 * @param columnFamilies in the order of their ids; dropped ones are not among them
 * @param liveFiles size in bytes of every table and blob file, by file name: exactly these make up the database
 * @param minLogNumberToKeep lowest number of a write-ahead log that recovery needs; 0 if none was ever flushed
 * @param tellsLogsToKeep whether the engine wrote that number; older releases did not, and delete logs without a word
 * @param lastSequence no table file holds a later sequence number
 * @param databaseId as written in the MANIFEST; empty if it is not
 * @param trackedLogs bytes that are known to be synced of each write-ahead log that the MANIFEST tracks, by number
 * @param level the last moment at which all column families needed the same logs
 * @param openingLog the log that was made after everything was put into tables and this MANIFEST was begun, both when the
 *     database was opened; 0 if this MANIFEST tells of no such opening
 * @param otherNumbers numbers of files that this MANIFEST knows, and that are therefore no numbers of logs
 * @param loneSequences sequence numbers of which nothing is lost if they are in no log
 * @param hasUnloggedTables whether a table was written of what is in no log
 */
record ManifestState(
        List<ColumnFamily> columnFamilies,
        SortedMap<String, Long> liveFiles,
        long minLogNumberToKeep,
        boolean tellsLogsToKeep,
        long lastSequence,
        String databaseId,
        Map<Long, Long> trackedLogs,
        Level level,
        long openingLog,
        FileNumbers otherNumbers,
        LoneSequences loneSequences,
        boolean hasUnloggedTables) {

    /**
     * One column family.
     *
     * @param comparator name of its order of keys; empty if the MANIFEST has none
     * @param logNumber its data in older write-ahead logs is in table files
     * @param firstLog the log that was written when it was made; 0 if it was made before this MANIFEST
     */
    record ColumnFamily(int id, String name, String comparator, long logNumber, long firstLog) {

        /** Whether something from {@code log}, or of a later one, is in its table files. */
        boolean isBeyond(long log) {
            return logNumber > log && logNumber != firstLog;
        }
    }

    /**
     * A moment at which the data of all column families in logs before {@code log} was in table files, and no data in
     * later ones. Each opening of the database makes one, with a number for {@code log} that no log ever has.
     *
     * @param log 0 if this MANIFEST knows of no such moment
     * @param sequence the last one in table files
     */
    record Level(long log, long sequence) {

        static final Level NONE = new Level(0, 0);
    }

    /** Whether something from {@code log}, or of a later one, is in table files. */
    boolean isBeyond(long log) {
        return columnFamilies.stream().anyMatch(family -> family.isBeyond(log));
    }

    /**
     * The number that the oldest write-ahead log needed by recovery had when this was written; 0 if the MANIFEST does
     * not tell. After a restart it may be that of a log that was never created.
     */
    long requiredLog() {
        if (minLogNumberToKeep > 0) {
            return minLogNumberToKeep;
        }
        return columnFamilies.stream().mapToLong(ColumnFamily::logNumber).min().orElse(0);
    }
}
