package caravan.signature;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/** An Ed25519 public key. Immutable; two are equal if their bytes are. */
public final class TrustedKey {

    static final String TYPE = "ssh-ed25519";

    private static final int BYTES = 32;

    private static final int SIGN_BIT = 0x80;

    /** The 32 bytes of RFC 8032: y, little-endian, and in the highest bit whether x is odd. */
    private final byte[] point;

    TrustedKey(byte[] point) {
        if (point.length != BYTES) {
            throw new IllegalArgumentException("an Ed25519 public key has 32 bytes, not " + point.length);
        }
        this.point = point.clone();
    }

    static TrustedKey of(EdECPublicKey key) {
        byte[] bigEndian = key.getPoint().getY().toByteArray();
        byte[] point = new byte[BYTES];
        for (int at = 0; at < Math.min(BYTES, bigEndian.length); at++) {
            point[at] = bigEndian[bigEndian.length - 1 - at];
        }
        if (key.getPoint().isXOdd()) {
            point[BYTES - 1] |= (byte) SIGN_BIT;
        }
        return new TrustedKey(point);
    }

    /** Reads the binary form that {@link #blob} gives. */
    static TrustedKey fromBlob(byte[] blob) {
        WireReader reader = new WireReader(blob);
        String type = reader.text();
        if (!type.equals(TYPE)) {
            throw new IllegalArgumentException("only keys of type " + TYPE + " are known here");
        }
        TrustedKey key = new TrustedKey(reader.string());
        reader.end();
        return key;
    }

    /** Binary form in signatures and in OpenSSH's files. */
    byte[] blob() {
        return new WireWriter().string(TYPE).string(point).bytes();
    }

    byte[] point() {
        return point.clone();
    }

    /** Name of the key as {@code ssh-keygen -l} shows it: {@code SHA256:} and 43 characters. */
    public String fingerprint() {
        return fingerprintOf(blob());
    }

    static String fingerprintOf(byte[] blob) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(blob);
            return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** One line of a {@code .pub} file, without its newline and without a comment. */
    public String toOpenSsh() {
        return TYPE + " " + Base64.getEncoder().encodeToString(blob());
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(toPublicKey());
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("it is not a point of the curve", e);
        }
    }

    private PublicKey toPublicKey() throws GeneralSecurityException {
        byte[] bigEndian = new byte[BYTES];
        for (int at = 0; at < BYTES; at++) {
            bigEndian[at] = point[BYTES - 1 - at];
        }
        boolean xOdd = (bigEndian[0] & SIGN_BIT) != 0;
        bigEndian[0] &= (byte) ~SIGN_BIT;
        EdECPoint decoded = new EdECPoint(xOdd, new BigInteger(1, bigEndian));
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, decoded));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrustedKey key && Arrays.equals(point, key.point);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(point);
    }

    @Override
    public String toString() {
        return fingerprint();
    }
}
