package caravan.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.snapshot.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Native hash and cipher: the same answers as Java's, only where they can be had. */
final class NativeCryptoTest {

    @AfterEach
    void remove() {
        Security.removeProvider(NativeCrypto.NAME);
    }

    /** FIPS 180-4, examples. */
    @ParameterizedTest
    @CsvSource({
        "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq,"
                + "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    })
    void knownTextsHaveTheirKnownDigests(String text, String digest) {
        installed();

        assertThat(Digest.of(text.getBytes(US_ASCII)).hex()).isEqualTo(digest);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 55, 56, 63, 64, 65, 4095, 4096, 4097, 65536, 1_000_003})
    void bytesInHeapAndOutsideHashAsJavaHashesThem(int size) throws Exception {
        installed();
        byte[] bytes = random(size);
        byte[] expected = MessageDigest.getInstance("SHA-256", "SUN").digest(bytes);
        MessageDigest pieces = MessageDigest.getInstance("SHA-256");
        int half = size / 2;
        pieces.update(bytes, 0, half);
        pieces.update(ByteBuffer.allocateDirect(size - half)
                .put(bytes, half, size - half)
                .flip());

        assertThat(pieces.digest()).isEqualTo(expected);
        assertThat(MessageDigest.getInstance("SHA-256").digest(bytes)).isEqualTo(expected);
    }

    /** McGrew and Viega, The Galois/Counter Mode of Operation, test cases 3 and 4 (AES-128) and 16 (AES-256). */
    @ParameterizedTest
    @CsvSource({
        "feffe9928665731c6d6a8f9467308308, '', 64,"
                + "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
                + "4d5c2af327cd64a62cf35abd2ba6fab4",
        "feffe9928665731c6d6a8f9467308308, feedfacedeadbeeffeedfacedeadbeefabaddad2, 60,"
                + "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
                + "5bc94fbc3221a5db94fae95ae7121a47",
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308,"
                + "feedfacedeadbeeffeedfacedeadbeefabaddad2, 60,"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b",
    })
    void knownMessagesHaveTheirKnownCiphertexts(String key, String associated, int length, String expected)
            throws Exception {
        installed();
        byte[] plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255");
        Cipher cipher = gcm(Cipher.ENCRYPT_MODE, hex(key), hex("cafebabefacedbaddecaf888"));
        cipher.updateAAD(hex(associated));

        assertThat(cipher.doFinal(plain, 0, length)).isEqualTo(hex(expected));
    }

    @Test
    void oneWrongBitIsRefused() throws Exception {
        installed();
        byte[] sealed = gcm(Cipher.ENCRYPT_MODE, new byte[16], new byte[12]).doFinal(random(16_384));
        sealed[5000] ^= 1;

        assertThatThrownBy(() ->
                        gcm(Cipher.DECRYPT_MODE, new byte[16], new byte[12]).doFinal(sealed))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void everythingElseStaysJavas() throws Exception {
        installed();

        assertThat(Signature.getInstance("Ed25519").getProvider().getName()).isEqualTo("SunEC");
        assertThat(MessageDigest.getInstance("SHA-512").getProvider().getName()).isEqualTo("SUN");
        assertThat(KeyGenerator.getInstance("AES").getProvider().getName()).isEqualTo("SunJCE");
        assertThat(Cipher.getInstance("AES/CBC/PKCS5Padding").getProvider().getName())
                .isEqualTo("SunJCE");
    }

    @Test
    void whereTheLibraryCannotBeLoadedJavasOwnAreUsed() throws Exception {
        boolean installed = NativeCrypto.install(() -> {
            throw new UnsatisfiedLinkError("no such library");
        });

        assertThat(installed).isFalse();
        assertThat(Security.getProvider(NativeCrypto.NAME)).isNull();
        assertThat(MessageDigest.getInstance("SHA-256").getProvider().getName()).isEqualTo("SUN");
    }

    @Test
    void libraryThatLacksOneOfThemIsNotUsedAtAll() {
        boolean installed = NativeCrypto.install(() -> new Provider("Half", "1", "") {
            private static final long serialVersionUID = 1;

            @Override
            public Service getService(String type, String algorithm) {
                return type.equals("MessageDigest")
                        ? Security.getProvider("SUN").getService(type, algorithm)
                        : null;
            }
        });

        assertThat(installed).isFalse();
        assertThat(Security.getProvider(NativeCrypto.NAME)).isNull();
    }

    private static void installed() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        boolean installed = NativeCrypto.install();
        assumeTrue(installed || !system.equals("Linux amd64"), "no native library is packed for " + system);
        if (installed) {
            assertThat(Digest.newMessageDigest().getProvider().getName()).isEqualTo("AmazonCorrettoCryptoProvider");
        }
    }

    private static Cipher gcm(int mode, byte[] key, byte[] nonce) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        return cipher;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
