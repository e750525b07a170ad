package caravan.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Takes apart the binary form of SSH (RFC 4251, part 5). Every length is compared with what is left before anything is
 * allocated; what does not fit is an {@link IllegalArgumentException}.
 */
final class WireReader {

    private final ByteBuffer left;

    WireReader(byte[] bytes) {
        left = ByteBuffer.wrap(bytes);
    }

    /** Skips the given bytes, which must come next. */
    WireReader expect(byte[] bytes) {
        if (!Arrays.equals(raw(bytes.length), bytes)) {
            throw new IllegalArgumentException("it does not begin as it should");
        }
        return this;
    }

    int number() {
        if (left.remaining() < Integer.BYTES) {
            throw new IllegalArgumentException("it ends too early");
        }
        return left.getInt();
    }

    byte[] string() {
        return raw(number());
    }

    String text() {
        return new String(string(), StandardCharsets.ISO_8859_1);
    }

    /** Everything that has not been read. */
    byte[] rest() {
        return raw(left.remaining());
    }

    void end() {
        if (left.hasRemaining()) {
            throw new IllegalArgumentException("it has " + left.remaining() + " bytes too many");
        }
    }

    private byte[] raw(int length) {
        if (length < 0 || length > left.remaining()) {
            throw new IllegalArgumentException("it ends too early");
        }
        byte[] bytes = new byte[length];
        left.get(bytes);
        return bytes;
    }
}
