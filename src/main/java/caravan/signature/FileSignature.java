package caravan.signature;

import java.nio.charset.StandardCharsets;

/**
 * Detached signature of a file, as {@code ssh-keygen -Y sign -n file} makes it and
 * {@code ssh-keygen -Y verify -n file} checks it.
 */
public final class FileSignature {

    private static final String NAMESPACE = "file";

    private FileSignature() {}

    /** The armored signature of {@code content}. The same content and key give the same bytes. */
    public static byte[] of(byte[] content, SigningKey key) {
        return SshSignature.sign(content, NAMESPACE, key).armored().getBytes(StandardCharsets.US_ASCII);
    }
}
