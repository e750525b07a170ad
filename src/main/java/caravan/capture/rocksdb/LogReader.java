package caravan.capture.rocksdb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Reads the records of a RocksDB log file, the form of both write-ahead logs and MANIFEST (RocksDB {@code
 * db/log_format.h}): blocks of 32 KiB, in them fragments of a masked CRC32C, a length, a type and a payload.
 *
 * <p>The end of the file is told apart exactly: all records whole, or zeros that were allocated in advance, or a record
 * that was cut off. Anything else is a {@link BadFormatException}. Every fragment's checksum is verified, also of those
 * that are skipped. A file is read once, forwards, in a constant amount of memory besides the record that is kept.
 */
final class LogReader implements AutoCloseable {

    /** Keep every byte of each record. */
    static final int WHOLE_RECORDS = Integer.MAX_VALUE;

    private static final int BLOCK_SIZE = 32 * 1024;
    private static final int HEADER_SIZE = 7;
    private static final int RECYCLABLE_HEADER_SIZE = 11;

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int MIDDLE = 3;
    private static final int LAST = 4;
    private static final int RECYCLABLE_FULL = 5;
    private static final int RECYCLABLE_LAST = 8;
    private static final int SET_COMPRESSION = 9;
    private static final int TIMESTAMP_SIZE = 10;
    private static final int RECYCLABLE_TIMESTAMP_SIZE = 11;
    private static final int PREDECESSOR = 130;
    private static final int RECYCLABLE_PREDECESSOR = 131;
    private static final int IGNORABLE = 1 << 7;

    /** What the two were in the first releases that had them. */
    private static final int EARLY_PREDECESSOR = 33;

    private static final int EARLY_RECYCLABLE_PREDECESSOR = 34;

    private final InputStream file;
    private final int keep;
    private final byte[] block = new byte[BLOCK_SIZE];
    private final ByteArrayOutputStream record = new ByteArrayOutputStream();

    private int blockLength;
    private int at;
    private long blockOffset;
    private boolean inRecord;
    private boolean atEnd;
    private boolean torn;
    private boolean compressed;
    private long endOfLastRecord;

    /**
     * @param file closed with this reader
     * @param keep how many bytes of each record {@link #record} gives at most; the others are only checked
     */
    LogReader(InputStream file, int keep) {
        this.file = file;
        this.keep = keep;
    }

    static LogReader open(Path file, int keep) throws IOException {
        return new LogReader(Files.newInputStream(file), keep);
    }

    /**
     * Goes to the next record, if there is one.
     *
     * @throws UnsupportedFormatException if the log was recycled: then its length says nothing about what is valid
     */
    boolean next() throws IOException, BadFormatException, UnsupportedFormatException {
        record.reset();
        inRecord = false;
        while (!atEnd) {
            if (BLOCK_SIZE - at < HEADER_SIZE || blockLength == 0) {
                readBlock();
                continue;
            }
            if (readFragment()) {
                endOfLastRecord = position();
                return true;
            }
        }
        torn |= inRecord;
        return false;
    }

    /** The first bytes of the current record, up to the number asked for. */
    byte[] record() {
        return record.toByteArray();
    }

    /** After the last record: whether the file ends inside one more, which recovery drops. */
    boolean isTorn() {
        return torn;
    }

    /** Whether payloads are compressed, so that only their checksums mean something here. */
    boolean isCompressed() {
        return compressed;
    }

    /** Where the last whole record ends. */
    long endOfLastRecord() {
        return endOfLastRecord;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void readBlock() throws IOException {
        blockOffset += blockLength;
        blockLength = file.readNBytes(block, 0, BLOCK_SIZE);
        at = 0;
        atEnd = blockLength == 0;
    }

    /** Whether the fragment ended a record. */
    private boolean readFragment() throws IOException, BadFormatException, UnsupportedFormatException {
        int left = blockLength - at;
        if (isZero(at, Math.min(left, HEADER_SIZE))) {
            endInZeros();
            return false;
        }
        if (left < HEADER_SIZE) {
            return endTorn();
        }
        int length = Byte.toUnsignedInt(block[at + 4]) | Byte.toUnsignedInt(block[at + 5]) << 8;
        int type = Byte.toUnsignedInt(block[at + 6]);
        int headerSize = isRecyclable(type) ? RECYCLABLE_HEADER_SIZE : HEADER_SIZE;
        if (at + headerSize + length > BLOCK_SIZE) {
            throw bad("a record is longer than its block");
        }
        if (headerSize + length > left) {
            return endTorn();
        }
        checkChecksum(headerSize + length);
        int payload = at + headerSize;
        boolean ended = accept(type, payload, length);
        at = payload + length;
        return ended;
    }

    private boolean accept(int type, int payload, int length) throws BadFormatException, UnsupportedFormatException {
        if (isRecyclable(type)) {
            throw new UnsupportedFormatException("the log file was recycled (record type " + type + ")");
        }
        switch (type) {
            case FULL, FIRST -> {
                if (inRecord && record.size() > 0) {
                    throw bad("a record begins inside another");
                }
                inRecord = true;
                keep(payload, length);
                return type == FULL;
            }
            case MIDDLE, LAST -> {
                if (!inRecord) {
                    throw bad("a record has no beginning");
                }
                keep(payload, length);
                return type == LAST;
            }
            case SET_COMPRESSION -> {
                compressed = !isZero(payload, length);
                return false;
            }
            case TIMESTAMP_SIZE, PREDECESSOR, EARLY_PREDECESSOR -> {
                return false;
            }
            default -> {
                if ((type & IGNORABLE) == 0) {
                    throw new UnsupportedFormatException("record type " + type + " is not known");
                }
                return false;
            }
        }
    }

    private void keep(int payload, int length) {
        record.write(block, payload, Math.min(length, keep - record.size()));
    }

    private boolean endTorn() {
        torn = true;
        atEnd = true;
        return false;
    }

    private void endInZeros() throws IOException, BadFormatException {
        long zerosFrom = position();
        while (!atEnd) {
            if (!isZero(at, blockLength - at)) {
                throw new BadFormatException("data follows the zeros at offset " + zerosFrom);
            }
            readBlock();
        }
    }

    private void checkChecksum(int fragmentLength) throws BadFormatException {
        CRC32C crc = new CRC32C();
        crc.update(block, at + 6, fragmentLength - 6);
        int sum = (int) crc.getValue();
        int masked = (sum >>> 15 | sum << 17) + 0xa282ead8;
        int stored = Byte.toUnsignedInt(block[at])
                | Byte.toUnsignedInt(block[at + 1]) << 8
                | Byte.toUnsignedInt(block[at + 2]) << 16
                | Byte.toUnsignedInt(block[at + 3]) << 24;
        if (stored != masked) {
            throw bad("a record does not match its checksum");
        }
    }

    private static boolean isRecyclable(int type) {
        return (type >= RECYCLABLE_FULL && type <= RECYCLABLE_LAST)
                || type == RECYCLABLE_TIMESTAMP_SIZE
                || type == RECYCLABLE_PREDECESSOR
                || type == EARLY_RECYCLABLE_PREDECESSOR;
    }

    private boolean isZero(int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private long position() {
        return blockOffset + at;
    }

    private BadFormatException bad(String reason) {
        return new BadFormatException(reason + " (offset " + position() + ")");
    }
}
