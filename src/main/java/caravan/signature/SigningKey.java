package caravan.signature;

import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;

/** An Ed25519 key pair that signs notes. Immutable and safe for use by many threads; never printed. */
public final class SigningKey {

    private static final int SEED_BYTES = 32;

    private final byte[] seed;
    private final TrustedKey publicKey;

    /**
     * A key pair from its parts.
     *
     * @throws IllegalArgumentException if the two do not belong together
     */
    SigningKey(byte[] seed, TrustedKey publicKey) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("an Ed25519 private key has 32 bytes, not " + seed.length);
        }
        this.seed = seed.clone();
        this.publicKey = publicKey;
        byte[] probe = new byte[1];
        if (!publicKey.verifies(probe, sign(probe))) {
            throw new IllegalArgumentException("its private and its public half do not belong together");
        }
    }

    /** A new key pair, from the platform's random source for keys. */
    public static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate())
                    .getBytes()
                    .orElseThrow(() -> new AssertionError("a generated key can be exported"));
            return new SigningKey(seed, TrustedKey.of((EdECPublicKey) pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Java 17 has Ed25519", e);
        }
    }

    /**
     * Reads a private key file in OpenSSH's format, as {@code ssh-keygen -t ed25519 -N ''} or {@link #write} makes it.
     *
     * @throws WrongUsageException if it cannot be read, is not an Ed25519 key, has a passphrase, or may be read by
     *     others than its owner
     */
    public static SigningKey load(Path privateFile) throws WrongUsageException {
        return PrivateKeyFile.read(privateFile);
    }

    /**
     * Writes two new files, {@code privateFile} that only the owner can read and {@code privateFile.pub}.
     *
     * @throws WrongUsageException if one of them exists, or their directory is not there; nothing is touched then
     * @throws FailedException if they cannot be written
     */
    public void write(Path privateFile) throws WrongUsageException, FailedException {
        try {
            PrivateKeyFile.write(privateFile, this);
        } catch (NoSuchFileException e) {
            throw new WrongUsageException(
                    "cannot write a key to " + privateFile + ": its directory is not there",
                    "make the directory, or choose another name",
                    e);
        } catch (IOException e) {
            throw new FailedException(
                    "cannot write the key files " + privateFile + " and " + privateFile + ".pub: " + e.getMessage(),
                    "remove what is there of the two and try again",
                    e);
        }
    }

    /** The half that may be known to everyone. */
    public TrustedKey publicKey() {
        return publicKey;
    }

    /** Name of the key as {@code ssh-keygen -l} shows it: {@code SHA256:} and 43 characters. */
    public String fingerprint() {
        return publicKey.fingerprint();
    }

    byte[] seed() {
        return seed.clone();
    }

    byte[] sign(byte[] message) {
        try {
            PrivateKey key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Java 17 has Ed25519, and any 32 bytes are a key", e);
        }
    }

    @Override
    public String toString() {
        return "private half of " + fingerprint();
    }
}
