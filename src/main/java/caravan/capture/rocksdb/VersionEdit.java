package caravan.capture.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One record of a MANIFEST, as far as it says which files make up the database. {@link VersionEditDecoder} fills it.
 */
final class VersionEdit {

    /**
     * A table file that the edit adds.
     *
     * @param level in the tree of its column family
     * @param smallestSequence of its entries; 0 if that is not told, or some were merged into history
     * @param largestSequence of its entries; 0 if that is not told, or all were merged into history
     * @param oldestBlobFile lowest number of a blob file that it refers to; 0 for none
     */
    record NewTable(
            int level, long number, long size, long smallestSequence, long largestSequence, long oldestBlobFile) {}

    /** A table file that the edit removes. */
    record DeletedTable(int level, long number) {}

    /** A blob file that the edit adds; {@code bytes} is the sum of its blob records. */
    record NewBlobFile(long number, long blobs, long bytes) {}

    /** How many more of a blob file's blobs nothing refers to. */
    record BlobGarbage(long number, long blobs) {}

    /** A write-ahead log that the engine tracks; {@code syncedSize} is 0 while nothing of it was synced. */
    record TrackedLog(long number, long syncedSize) {}

    int columnFamily;
    boolean addsColumnFamily;
    boolean dropsColumnFamily;
    String columnFamilyName = "";
    String comparator = "";
    String databaseId = "";
    OptionalLong logNumber = OptionalLong.empty();
    OptionalLong nextFileNumber = OptionalLong.empty();
    OptionalLong lastSequence = OptionalLong.empty();
    OptionalLong minLogNumberToKeep = OptionalLong.empty();
    OptionalLong trackedLogsDeletedBelow = OptionalLong.empty();
    OptionalInt remainingInGroup = OptionalInt.empty();
    final List<NewTable> newTables = new ArrayList<>();
    final List<DeletedTable> deletedTables = new ArrayList<>();
    final List<NewBlobFile> newBlobFiles = new ArrayList<>();
    final List<BlobGarbage> blobGarbage = new ArrayList<>();
    final List<TrackedLog> trackedLogs = new ArrayList<>();
}
