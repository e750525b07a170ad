package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.OptionalLong;

/** The blocks of the sample chain: one per batch, with hashes that depend on nothing but name and height. */
final class SampleChain {

    /** How far the finalized block lies behind the best one. */
    static final long FINALITY_LAG = 3;

    static final int HASH_BYTES = 32;

    private static final int DIGEST_BYTES = HASH_BYTES - Long.BYTES;

    private final String name;

    SampleChain(String name) {
        this.name = requireNonNull(name, "name");
    }

    /** The finalized height while {@code best} is the best one. */
    long finalizedAt(long best) {
        return Math.max(0, best - FINALITY_LAG);
    }

    /** Hash of the block at {@code height}. Its last eight bytes are the height, so that it can be found by hash. */
    byte[] hash(long height) {
        byte[] digest = sha256(name + " block " + height);
        return ByteBuffer.allocate(HASH_BYTES)
                .put(digest, 0, DIGEST_BYTES)
                .putLong(height)
                .array();
    }

    /** Hash of what {@code part} of the block at {@code height} stands for, for example its state. */
    byte[] root(String part, long height) {
        return sha256(name + " " + part + " " + height);
    }

    /** The height of the block with this hash; empty if no block of this chain can have it. */
    OptionalLong heightOf(byte[] hash) {
        if (hash.length != HASH_BYTES) {
            return OptionalLong.empty();
        }
        long height = ByteBuffer.wrap(hash).getLong(DIGEST_BYTES);
        return Arrays.equals(hash, hash(height)) ? OptionalLong.of(height) : OptionalLong.empty();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
