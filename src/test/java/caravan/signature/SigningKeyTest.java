package caravan.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.WrongUsageException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningKeyTest {

    @TempDir
    Path directory;

    @Test
    void keyThatWasWrittenSignsTheSameWhenLoaded() throws Exception {
        SigningKey key = SigningKey.generate();

        key.write(directory.resolve("key"));
        SigningKey loaded = SigningKey.load(directory.resolve("key"));

        assertThat(loaded.publicKey()).isEqualTo(key.publicKey());
        assertThat(loaded.sign(new byte[] {1, 2})).isEqualTo(key.sign(new byte[] {1, 2}));
    }

    @Test
    void onlyTheOwnerCanReadWhatIsWritten() throws Exception {
        SigningKey.generate().write(directory.resolve("key"));

        assertThat(permissionsOf("key")).isEqualTo("rw-------");
        assertThat(permissionsOf("key.pub")).startsWith("rw-");
    }

    @Test
    void anExistingFileIsNeverOverwritten() throws Exception {
        Files.writeString(directory.resolve("key.pub"), "precious");

        assertThatThrownBy(() -> SigningKey.generate().write(directory.resolve("key")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("key.pub: it exists already");

        assertThat(directory.resolve("key")).doesNotExist();
        assertThat(directory.resolve("key.pub")).hasContent("precious");
    }

    @Test
    void aDirectoryThatIsNotThereIsNamedAsThat() {
        assertThatThrownBy(() -> SigningKey.generate().write(directory.resolve("nowhere/key")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("nowhere/key: its directory is not there");
    }

    @Test
    void opensshReadsTheKeyAndNamesItTheSame() throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        SigningKey key = SigningKey.generate();
        key.write(directory.resolve("key"));

        assertThat(keygen.run(new byte[0], "-y", "-f", "key"))
                .startsWith(key.publicKey().toOpenSsh());
        assertThat(keygen.run(new byte[0], "-l", "-f", "key.pub")).contains(key.fingerprint());
        assertThat(keygen.run(new byte[0], "-l", "-f", "key")).contains(key.fingerprint());
    }

    @Test
    void keyThatOpensshMadeCanBeUsed() throws Exception {
        SshKeygen keygen = new SshKeygen(directory);
        keygen.run(new byte[0], "-q", "-t", "ed25519", "-N", "", "-C", "a comment of some length", "-f", "key");

        SigningKey key = SigningKey.load(directory.resolve("key"));

        assertThat(Files.readString(directory.resolve("key.pub")))
                .startsWith(key.publicKey().toOpenSsh());
    }

    @Test
    void keyWithPassphraseIsRefusedPlainly() throws Exception {
        new SshKeygen(directory).run(new byte[0], "-q", "-t", "ed25519", "-N", "secret", "-f", "key");

        assertRefused("passphrase");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ecdsa"})
    void keyOfAnotherTypeIsRefusedPlainly(String type) throws Exception {
        new SshKeygen(directory).run(new byte[0], "-q", "-t", type, "-N", "", "-f", "key");

        assertRefused("only keys of type ssh-ed25519");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "r-------x"})
    void keyThatOthersMayUseIsRefused(String permissions) throws Exception {
        SigningKey.generate().write(directory.resolve("key"));
        Files.setPosixFilePermissions(directory.resolve("key"), PosixFilePermissions.fromString(permissions));

        assertRefused("its permissions " + permissions);
    }

    @Test
    void publicKeyFileIsNoSigningKey() throws Exception {
        Path file = Files.writeString(
                directory.resolve("key"), SigningKey.generate().publicKey().toOpenSsh() + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        assertRefused("there is no line -----BEGIN OPENSSH PRIVATE KEY-----");
    }

    @Test
    void everyTruncationOfTheFileIsRefused() throws Exception {
        SigningKey.generate().write(directory.resolve("key"));
        String whole = Files.readString(directory.resolve("key"), StandardCharsets.US_ASCII);

        for (int length = 0; length < whole.length(); length++) {
            Files.writeString(directory.resolve("key"), whole.substring(0, length));

            assertThatThrownBy(() -> SigningKey.load(directory.resolve("key"))).isInstanceOf(WrongUsageException.class);
        }
    }

    @Test
    void missingFileIsRefusedPlainly() {
        assertRefused("cannot read the signing key");
    }

    @Test
    void privateKeyIsNotPrinted() {
        SigningKey key = SigningKey.generate();

        assertThat(key.toString()).isEqualTo("private half of " + key.fingerprint());
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> SigningKey.load(directory.resolve("key")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining(reason);
    }

    private String permissionsOf(String name) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
    }
}
