package caravan.capture.rocksdb;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Decodes one MANIFEST record (RocksDB {@code db/version_edit.h}, {@code db/version_edit.cc}).
 *
 * <p>What RocksDB declares safe to ignore is ignored: unknown tags with bit 13, unknown fields of a table file without
 * bit 6. Everything else unknown, and every file outside the database's own directory, is refused.
 */
final class VersionEditDecoder {

    private static final int COMPARATOR = 1;
    private static final int LOG_NUMBER = 2;
    private static final int NEXT_FILE_NUMBER = 3;
    private static final int LAST_SEQUENCE = 4;
    private static final int COMPACT_CURSOR = 5;
    private static final int DELETED_FILE = 6;
    private static final int NEW_FILE = 7;
    private static final int PREVIOUS_LOG_NUMBER = 9;
    private static final int MIN_LOG_NUMBER_TO_KEEP = 10;
    private static final int NEW_FILE_2 = 100;
    private static final int NEW_FILE_3 = 102;
    private static final int NEW_FILE_4 = 103;
    private static final int COLUMN_FAMILY = 200;
    private static final int COLUMN_FAMILY_ADD = 201;
    private static final int COLUMN_FAMILY_DROP = 202;
    private static final int MAX_COLUMN_FAMILY = 203;
    private static final int IN_ATOMIC_GROUP = 300;
    private static final int BLOB_FILE_ADDITION = 400;
    private static final int BLOB_FILE_GARBAGE = 401;

    private static final int SAFE_IGNORE = 1 << 13;
    private static final int DATABASE_ID = SAFE_IGNORE + 1;
    private static final int OLD_BLOB_FILE_ADDITION = SAFE_IGNORE + 2;
    private static final int OLD_BLOB_FILE_GARBAGE = SAFE_IGNORE + 3;
    private static final int OLD_WAL_ADDITION = SAFE_IGNORE + 4;
    private static final int OLD_WAL_DELETION = SAFE_IGNORE + 5;
    private static final int WAL_ADDITION = SAFE_IGNORE + 7;
    private static final int WAL_DELETION = SAFE_IGNORE + 8;

    private static final int TABLE_FIELDS_END = 1;
    private static final int TABLE_MIN_LOG_NUMBER = 3;
    private static final int TABLE_OLDEST_BLOB_FILE = 4;
    private static final int TABLE_PATH_ID = 65;
    private static final int NOT_IGNORABLE_FIELD = 1 << 6;

    private static final int WAL_FIELDS_END = 1;
    private static final int WAL_SYNCED_SIZE = 2;
    private static final int WAL_CLOSED = 3;

    private final EditInput input;
    private final VersionEdit edit = new VersionEdit();

    private VersionEditDecoder(byte[] record) {
        this.input = new EditInput(record);
    }

    static VersionEdit decode(byte[] record) throws BadFormatException, UnsupportedFormatException {
        VersionEditDecoder decoder = new VersionEditDecoder(record);
        while (decoder.input.hasMore()) {
            decoder.readTag(decoder.input.varint32());
        }
        return decoder.edit;
    }

    private void readTag(int tag) throws BadFormatException, UnsupportedFormatException {
        switch (tag) {
            case COMPARATOR -> edit.comparator = input.field().text();
            case LOG_NUMBER -> edit.logNumber = OptionalLong.of(input.varint64());
            case NEXT_FILE_NUMBER -> edit.nextFileNumber = OptionalLong.of(input.varint64());
            case LAST_SEQUENCE -> edit.lastSequence = OptionalLong.of(input.varint64());
            case MIN_LOG_NUMBER_TO_KEEP -> keepLogsFrom(input.varint64());
            case PREVIOUS_LOG_NUMBER -> input.varint64();
            case MAX_COLUMN_FAMILY -> input.varint32();
            case COMPACT_CURSOR -> {
                input.varint32();
                input.field();
            }
            case DELETED_FILE ->
                edit.deletedTables.add(new VersionEdit.DeletedTable(input.varint32(), input.varint64()));
            case NEW_FILE, NEW_FILE_2, NEW_FILE_3, NEW_FILE_4 -> readNewTable(tag);
            case COLUMN_FAMILY -> edit.columnFamily = input.varint32();
            case COLUMN_FAMILY_ADD -> {
                edit.addsColumnFamily = true;
                edit.columnFamilyName = input.field().text();
            }
            case COLUMN_FAMILY_DROP -> edit.dropsColumnFamily = true;
            case IN_ATOMIC_GROUP -> edit.remainingInGroup = OptionalInt.of(input.varint32());
            case DATABASE_ID -> edit.databaseId = input.field().text();
            case BLOB_FILE_ADDITION, OLD_BLOB_FILE_ADDITION -> readNewBlobFile();
            case BLOB_FILE_GARBAGE, OLD_BLOB_FILE_GARBAGE -> readBlobGarbage();
            case WAL_ADDITION -> readTrackedLog(input.field());
            case OLD_WAL_ADDITION -> readTrackedLog(input);
            case WAL_DELETION ->
                edit.trackedLogsDeletedBelow = OptionalLong.of(input.field().varint64());
            case OLD_WAL_DELETION -> edit.trackedLogsDeletedBelow = OptionalLong.of(input.varint64());
            default -> {
                if ((tag & SAFE_IGNORE) == 0) {
                    throw new UnsupportedFormatException(
                            "MANIFEST tag " + Integer.toUnsignedString(tag) + " is not known");
                }
                input.field();
            }
        }
    }

    private void readNewTable(int tag) throws BadFormatException, UnsupportedFormatException {
        int level = input.varint32();
        long number = input.varint64();
        if (tag == NEW_FILE_3) {
            requireOwnDirectory(number, input.varint32());
        }
        long size = input.varint64();
        input.field();
        input.field();
        long smallestSequence = tag == NEW_FILE ? 0 : input.varint64();
        long largestSequence = tag == NEW_FILE ? 0 : input.varint64();
        long oldestBlobFile = tag == NEW_FILE_4 ? readTableFields(number) : 0;
        edit.newTables.add(
                new VersionEdit.NewTable(level, number, size, smallestSequence, largestSequence, oldestBlobFile));
    }

    /** The number of the oldest blob file that the table refers to; 0 for none. */
    private long readTableFields(long number) throws BadFormatException, UnsupportedFormatException {
        long oldestBlobFile = 0;
        for (int tag = input.varint32(); tag != TABLE_FIELDS_END; tag = input.varint32()) {
            EditInput field = input.field();
            switch (tag) {
                case TABLE_MIN_LOG_NUMBER -> keepLogsFrom(field.fixed64());
                case TABLE_OLDEST_BLOB_FILE -> oldestBlobFile = field.varint64();
                case TABLE_PATH_ID -> requireOwnDirectory(number, field.oneByte());
                default -> {
                    if ((tag & NOT_IGNORABLE_FIELD) != 0) {
                        throw new UnsupportedFormatException("field " + Integer.toUnsignedString(tag)
                                + " of table file " + number + " in the MANIFEST is not known");
                    }
                }
            }
        }
        return oldestBlobFile;
    }

    private static void requireOwnDirectory(long number, int pathId) throws UnsupportedFormatException {
        if (pathId != 0) {
            throw new UnsupportedFormatException("table file " + number + " is in another directory (path id " + pathId
                    + " in the MANIFEST, set by db_paths or cf_paths)");
        }
    }

    private void keepLogsFrom(long number) {
        edit.minLogNumberToKeep = OptionalLong.of(number);
    }

    private void readNewBlobFile() throws BadFormatException, UnsupportedFormatException {
        edit.newBlobFiles.add(new VersionEdit.NewBlobFile(input.varint64(), input.varint64(), input.varint64()));
        input.field();
        input.field();
        skipBlobFields();
    }

    private void readBlobGarbage() throws BadFormatException, UnsupportedFormatException {
        edit.blobGarbage.add(new VersionEdit.BlobGarbage(input.varint64(), input.varint64()));
        input.varint64();
        skipBlobFields();
    }

    private void skipBlobFields() throws BadFormatException, UnsupportedFormatException {
        for (int tag = input.varint32(); tag != 0; tag = input.varint32()) {
            if ((tag & NOT_IGNORABLE_FIELD) != 0) {
                throw new UnsupportedFormatException(
                        "field " + Integer.toUnsignedString(tag) + " of a blob file in the MANIFEST is not known");
            }
            input.field();
        }
    }

    private void readTrackedLog(EditInput from) throws BadFormatException, UnsupportedFormatException {
        long number = from.varint64();
        long syncedSize = 0;
        for (int tag = from.varint32(); tag != WAL_FIELDS_END; tag = from.varint32()) {
            switch (tag) {
                case WAL_SYNCED_SIZE -> syncedSize = from.varint64();
                case WAL_CLOSED -> {}
                default ->
                    throw new UnsupportedFormatException("field " + Integer.toUnsignedString(tag)
                            + " of write-ahead log " + number + " in the MANIFEST is not known");
            }
        }
        edit.trackedLogs.add(new VersionEdit.TrackedLog(number, syncedSize));
    }
}
