package caravan.capture.rocksdb;

import java.nio.charset.StandardCharsets;

/** The variable-length integers and length-prefixed fields of one MANIFEST record (RocksDB {@code util/coding.h}). */
final class EditInput {

    private final byte[] bytes;
    private final int end;
    private int at;

    EditInput(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private EditInput(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    boolean hasMore() {
        return at < end;
    }

    int varint32() throws BadFormatException {
        long value = varint64();
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new BadFormatException("a 32-bit number is too large");
        }
        return (int) value;
    }

    long varint64() throws BadFormatException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = oneByte();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new BadFormatException("a number has no end");
    }

    long fixed64() throws BadFormatException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 8) {
            value |= (long) oneByte() << shift;
        }
        return value;
    }

    /** The content of a field that begins with its length. */
    EditInput field() throws BadFormatException {
        int length = varint32();
        if (length < 0 || length > end - at) {
            throw new BadFormatException("a field is longer than its record");
        }
        EditInput field = new EditInput(bytes, at, at + length);
        at += length;
        return field;
    }

    int oneByte() throws BadFormatException {
        if (at >= end) {
            throw new BadFormatException("a record ends inside a field");
        }
        return Byte.toUnsignedInt(bytes[at++]);
    }

    String text() {
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }
}
