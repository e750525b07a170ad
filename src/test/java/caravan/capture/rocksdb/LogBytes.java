package caravan.capture.rocksdb;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Writes the log format as RocksDB's {@code db/log_writer.cc} does, and, on request, as it never would. */
final class LogBytes {

    static final int BLOCK = 32 * 1024;
    static final int HEADER = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A record in as many fragments as it needs. */
    LogBytes record(byte[] payload) {
        int at = 0;
        boolean first = true;
        while (true) {
            int left = BLOCK - bytes.size() % BLOCK;
            if (left < HEADER) {
                bytes.writeBytes(new byte[left]);
                left = BLOCK;
            }
            int length = Math.min(payload.length - at, left - HEADER);
            boolean last = at + length == payload.length;
            byte[] fragment = Arrays.copyOfRange(payload, at, at + length);
            fragment(first ? (last ? 1 : 2) : (last ? 4 : 3), fragment);
            at += length;
            first = false;
            if (last) {
                return this;
            }
        }
    }

    /** One fragment of any type, with the right checksum. */
    LogBytes fragment(int type, byte... payload) {
        CRC32C crc = new CRC32C();
        crc.update(type);
        crc.update(payload);
        int sum = (int) crc.getValue();
        int masked = ((sum >>> 15) | (sum << 17)) + 0xa282ead8;
        for (int shift = 0; shift < 32; shift += 8) {
            bytes.write(masked >>> shift);
        }
        bytes.write(payload.length);
        bytes.write(payload.length >>> 8);
        bytes.write(type);
        bytes.writeBytes(payload);
        return this;
    }

    LogBytes raw(byte... more) {
        bytes.writeBytes(more);
        return this;
    }

    int size() {
        return bytes.size();
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
