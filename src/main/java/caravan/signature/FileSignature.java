package caravan.signature;

import java.nio.charset.StandardCharsets;

/**
 * Detached signature of the client script, as {@code ssh-keygen -Y sign -n caravan-sync} makes it and
 * {@code ssh-keygen -Y verify -n caravan-sync} checks it. The namespace is its own, so that nothing else the key signs
 * can be passed off as a program.
 */
public final class FileSignature {

    private static final String NAMESPACE = "caravan-sync";

    private FileSignature() {}

    /** The armored signature of {@code content}. The same content and key give the same bytes. */
    public static byte[] of(byte[] content, SigningKey key) {
        return SshSignature.sign(content, NAMESPACE, key).armored().getBytes(StandardCharsets.US_ASCII);
    }
}
