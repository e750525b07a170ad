package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Writes one MANIFEST record field by field. */
final class EditBytes {

    static final int COMPARATOR = 1;
    static final int LOG_NUMBER = 2;
    static final int NEXT_FILE = 3;
    static final int LAST_SEQUENCE = 4;
    static final int DELETED_FILE = 6;
    static final int MIN_LOG_TO_KEEP = 10;
    static final int NEW_FILE_3 = 102;
    static final int NEW_FILE_4 = 103;
    static final int COLUMN_FAMILY = 200;
    static final int COLUMN_FAMILY_ADD = 201;
    static final int COLUMN_FAMILY_DROP = 202;
    static final int IN_GROUP = 300;
    static final int BLOB_FILE = 400;
    static final int BLOB_GARBAGE = 401;
    static final int SAFE_IGNORE = 1 << 13;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** What a MANIFEST must say somewhere. */
    static EditBytes basics(long lastSequence) {
        return new EditBytes().number(LOG_NUMBER, 4).number(NEXT_FILE, 100).number(LAST_SEQUENCE, lastSequence);
    }

    EditBytes varint(long value) {
        long rest = value;
        while (rest < 0 || rest >= 0x80) {
            bytes.write((int) (rest | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }

    EditBytes number(int tag, long value) {
        return varint(tag).varint(value);
    }

    EditBytes text(int tag, String value) {
        return varint(tag).field(value.getBytes(UTF_8));
    }

    EditBytes field(byte... content) {
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    /** A table with the fields that every one has; {@link #endOfTable} must follow, after any further fields. */
    EditBytes table(int level, long number, long size) {
        return varint(NEW_FILE_4)
                .varint(level)
                .varint(number)
                .varint(size)
                .field(new byte[9])
                .field(new byte[9])
                .varint(1)
                .varint(2)
                .varint(5)
                .field((byte) 7);
    }

    EditBytes endOfTable() {
        return varint(1);
    }

    EditBytes deleted(int level, long number) {
        return varint(DELETED_FILE).varint(level).varint(number);
    }

    EditBytes blobFile(long number, long blobs, long size) {
        return varint(BLOB_FILE)
                .varint(number)
                .varint(blobs)
                .varint(size)
                .field()
                .field()
                .varint(0);
    }

    EditBytes blobGarbage(long number, long blobs) {
        return varint(BLOB_GARBAGE).varint(number).varint(blobs).varint(1).varint(0);
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
