package caravan.snapshot;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of some bytes, and the only name a chunk has: equal digests mean equal bytes.
 *
 * <p>Held as four big-endian words, because a large manifest has millions of them.
 */
public record Digest(long first, long second, long third, long fourth) implements Comparable<Digest> {

    /** Length in bytes. */
    public static final int BYTES = 32;

    private static final String HEX_DIGITS = "0123456789abcdef";

    /** SHA-256 of no bytes at all. */
    public static final Digest OF_NOTHING = of(new byte[0]);

    /** Digest of all of {@code content}. */
    public static Digest of(byte[] content) {
        return fromBytes(newMessageDigest().digest(content));
    }

    /** The digest whose bytes are {@code digest}, of which there must be {@value #BYTES}. */
    public static Digest fromBytes(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + digest.length);
        }
        ByteBuffer words = ByteBuffer.wrap(digest);
        return new Digest(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    /**
     * Reads the form that {@link #hex} writes.
     *
     * @throws IllegalArgumentException unless {@code hex} is exactly 64 lower-case hexadecimal digits
     */
    public static Digest fromHex(String hex) {
        if (hex.length() != 2 * BYTES) {
            throw new IllegalArgumentException("a SHA-256 is 64 lower-case hexadecimal digits, not " + hex.length());
        }
        for (int at = 0; at < hex.length(); at++) {
            char digit = hex.charAt(at);
            if (HEX_DIGITS.indexOf(digit) < 0) {
                throw new IllegalArgumentException("a SHA-256 is written in lower-case hexadecimal digits only");
            }
        }
        return fromBytes(HexFormat.of().parseHex(hex));
    }

    /** A fresh SHA-256 computation; not thread safe. */
    public static MessageDigest newMessageDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** The 32 bytes, in a new array. */
    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(first)
                .putLong(second)
                .putLong(third)
                .putLong(fourth)
                .array();
    }

    /** 64 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes());
    }

    @Override
    public int compareTo(Digest other) {
        int order = Long.compareUnsigned(first, other.first);
        order = order != 0 ? order : Long.compareUnsigned(second, other.second);
        order = order != 0 ? order : Long.compareUnsigned(third, other.third);
        return order != 0 ? order : Long.compareUnsigned(fourth, other.fourth);
    }

    @Override
    public String toString() {
        return "sha256:" + hex();
    }
}
