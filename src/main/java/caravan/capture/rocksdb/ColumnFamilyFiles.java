package caravan.capture.rocksdb;

import caravan.capture.rocksdb.VersionEdit.BlobGarbage;
import caravan.capture.rocksdb.VersionEdit.DeletedTable;
import caravan.capture.rocksdb.VersionEdit.NewBlobFile;
import caravan.capture.rocksdb.VersionEdit.NewTable;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** The table and blob files of one column family while its MANIFEST is replayed. */
final class ColumnFamilyFiles {

    /** RocksDB {@code db/blob/blob_log_format.h}: what a blob file has besides its blob records. */
    private static final long BLOB_FILE_HEADER_AND_FOOTER = 30 + 32;

    private final String name;
    private final long firstLog;
    private final Map<Long, NewTable> tables = new HashMap<>();
    private final NavigableMap<Long, NewBlobFile> blobFiles = new TreeMap<>();
    private final Map<Long, Long> garbage = new HashMap<>();

    private String comparator;
    private long logNumber;

    /** @param firstLog the one that was written when it was made; 0 if it was made before this MANIFEST */
    ColumnFamilyFiles(String name, String comparator, long firstLog) {
        this.name = name;
        this.firstLog = firstLog;
        this.comparator = comparator;
    }

    void apply(VersionEdit edit) throws BadFormatException {
        if (!edit.comparator.isEmpty()) {
            comparator = edit.comparator;
        }
        logNumber = Math.max(logNumber, edit.logNumber.orElse(0));
        for (DeletedTable deleted : edit.deletedTables) {
            NewTable table = tables.remove(deleted.number());
            if (table == null || table.level() != deleted.level()) {
                throw new BadFormatException("table file " + deleted.number() + " is deleted from level "
                        + deleted.level() + ", where it is not");
            }
        }
        for (NewTable table : edit.newTables) {
            if (tables.putIfAbsent(table.number(), table) != null) {
                throw new BadFormatException("table file " + table.number() + " is added twice");
            }
        }
        for (NewBlobFile file : edit.newBlobFiles) {
            if (blobFiles.putIfAbsent(file.number(), file) != null) {
                throw new BadFormatException("blob file " + file.number() + " is added twice");
            }
        }
        for (BlobGarbage more : edit.blobGarbage) {
            if (!blobFiles.containsKey(more.number())) {
                throw new BadFormatException("blob file " + more.number() + " has garbage but does not exist");
            }
            garbage.merge(more.number(), more.blobs(), Long::sum);
        }
    }

    /**
     * Adds the files of the current version. A blob file belongs to it as {@code VersionBuilder::SaveBlobFilesTo} in
     * RocksDB {@code db/version_builder.cc} has it: not older than the oldest one that a table refers to, and either
     * referred to or not all garbage.
     */
    void putLiveFiles(SortedMap<String, Long> liveFiles) {
        for (NewTable table : tables.values()) {
            liveFiles.put(EngineFile.tableName(table.number()), table.size());
        }
        long oldestReferred = tables.values().stream()
                .mapToLong(NewTable::oldestBlobFile)
                .filter(blobFiles::containsKey)
                .min()
                .orElse(Long.MAX_VALUE);
        for (NewBlobFile file : blobFiles.tailMap(oldestReferred, true).values()) {
            boolean referred = tables.values().stream().anyMatch(table -> table.oldestBlobFile() == file.number());
            if (referred || garbage.getOrDefault(file.number(), 0L) < file.blobs()) {
                liveFiles.put(EngineFile.blobName(file.number()), file.bytes() + BLOB_FILE_HEADER_AND_FOOTER);
            }
        }
    }

    String name() {
        return name;
    }

    String comparator() {
        return comparator;
    }

    long logNumber() {
        return logNumber;
    }

    long firstLog() {
        return firstLog;
    }
}
