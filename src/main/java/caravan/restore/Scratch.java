package caravan.restore;

import caravan.snapshot.Digest;
import java.security.MessageDigest;

/** What one worker needs again and again. For one thread. */
final class Scratch {

    /** Large enough that a call to the system costs nothing beside hashing, small enough for many workers. */
    private static final int BUFFER_BYTES = 256 << 10;

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
