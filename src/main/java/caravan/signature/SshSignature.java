package caravan.signature;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * One signature in the format of OpenSSH's PROTOCOL.sshsig, version 1. The signed bytes hold the namespace, so a
 * signature cannot be used for another kind of note.
 */
final class SshSignature {

    private static final byte[] MAGIC = "SSHSIG".getBytes(StandardCharsets.US_ASCII);

    private static final int VERSION = 1;

    private static final String HASH = "sha512";

    private final byte[] publicKey;
    private final String namespace;
    private final String hash;
    private final byte[] signature;

    private SshSignature(byte[] publicKey, String namespace, String hash, byte[] signature) {
        this.publicKey = publicKey;
        this.namespace = namespace;
        this.hash = hash;
        this.signature = signature;
    }

    static SshSignature sign(byte[] message, NoteKind kind, SigningKey key) {
        return sign(message, kind.namespace(), key);
    }

    static SshSignature sign(byte[] message, String namespace, SigningKey key) {
        byte[] raw = key.sign(signedBytes(message, namespace));
        byte[] signature = new WireWriter().string(TrustedKey.TYPE).string(raw).bytes();
        return new SshSignature(key.publicKey().blob(), namespace, HASH, signature);
    }

    /** Reads one armored block; the {@link IllegalArgumentException} says what is wrong with it. */
    static SshSignature parse(String armored) {
        WireReader reader = new WireReader(Armor.SIGNATURE.unwrap(armored)).expect(MAGIC);
        int version = reader.number();
        if (version != VERSION) {
            throw new IllegalArgumentException("its version is " + version + ", known is " + VERSION);
        }
        byte[] publicKey = reader.string();
        String namespace = reader.text();
        if (reader.string().length != 0) {
            throw new IllegalArgumentException("its reserved field is not empty");
        }
        String hash = reader.text();
        byte[] signature = reader.string();
        reader.end();
        return new SshSignature(publicKey, namespace, hash, signature);
    }

    String armored() {
        return Armor.SIGNATURE.wrap(new WireWriter()
                .raw(MAGIC)
                .number(VERSION)
                .string(publicKey)
                .string(namespace)
                .string("")
                .string(hash)
                .string(signature)
                .bytes());
    }

    /** Fingerprint of the key that claims to have signed. */
    String fingerprint() {
        return TrustedKey.fingerprintOf(publicKey);
    }

    byte[] publicKey() {
        return publicKey.clone();
    }

    /** Why this is no signature of {@code message} as a note of that kind; empty if it is. */
    String faultWith(byte[] message, NoteKind kind) {
        if (!namespace.equals(kind.namespace())) {
            return "it is a signature for another purpose than " + kind.namespace();
        }
        if (!hash.equals(HASH)) {
            return "it uses another hash than " + HASH;
        }
        TrustedKey key = TrustedKey.fromBlob(publicKey);
        WireReader reader = new WireReader(signature);
        if (!reader.text().equals(TrustedKey.TYPE)) {
            return "its type is not " + TrustedKey.TYPE;
        }
        byte[] raw = reader.string();
        reader.end();
        return key.verifies(signedBytes(message, namespace), raw) ? "" : "it does not match the signed line";
    }

    private static byte[] signedBytes(byte[] message, String namespace) {
        return new WireWriter()
                .raw(MAGIC)
                .string(namespace)
                .string("")
                .string(HASH)
                .string(sha512(message))
                .bytes();
    }

    private static byte[] sha512(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("the JDK has SHA-512, which Ed25519 needs", e);
        }
    }
}
