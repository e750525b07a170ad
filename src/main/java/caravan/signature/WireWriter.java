package caravan.signature;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds the binary form of SSH: numbers of four bytes, strings with their length before them (RFC 4251, part 5). */
final class WireWriter {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    WireWriter raw(byte[] bytes) {
        written.writeBytes(bytes);
        return this;
    }

    WireWriter number(int value) {
        written.write(value >>> 24);
        written.write(value >>> 16);
        written.write(value >>> 8);
        written.write(value);
        return this;
    }

    WireWriter string(byte[] bytes) {
        return number(bytes.length).raw(bytes);
    }

    WireWriter string(String ascii) {
        return string(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    int size() {
        return written.size();
    }

    byte[] bytes() {
        return written.toByteArray();
    }
}
