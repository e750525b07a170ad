package caravan.restore;

import caravan.snapshot.Digest;
import java.security.MessageDigest;

/** What one worker needs again and again. For one thread. */
final class Scratch {

    /** Small enough that what arrived is still in the core's cache when it is hashed and written. */
    private static final int BUFFER_BYTES = 64 << 10;

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final MessageDigest plain = Digest.newMessageDigest();
    private final MessageDigest frame = Digest.newMessageDigest();

    byte[] buffer() {
        return buffer;
    }

    /** For the content of a chunk; reset. */
    MessageDigest plainDigest() {
        plain.reset();
        return plain;
    }

    /** For a chunk as it is stored; reset. */
    MessageDigest frameDigest() {
        frame.reset();
        return frame;
    }
}
