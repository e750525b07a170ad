package caravan.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.WrongUsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedKeysTest {

    private static final Instant NOW = Instant.parse("2026-11-22T08:33:00Z");

    private static final SigningKey KEY = SigningKey.generate();

    private static final String PUBLIC = KEY.publicKey().toOpenSsh();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s",
                "%s comment of several words",
                "publisher@example.org %s",
                "a@example.org,b@example.org %s comment",
                "\"name with space\" %s",
                "* namespaces=\"caravan-record\" %s",
                "* NAMESPACES=\"caravan-record\" %s",
                "* namespaces=\"git,caravan-*\" %s",
                "* namespaces=\"caravan-recor?\",valid-after=\"20260101\",valid-before=\"20270101Z\" %s",
                "*   valid-before=\"202611230000\"   %s",
                "* valid-after=\"20261122083259Z\" %s",
                "# comment\n\n  * %s\n",
            })
    void keyIsTrustedAsTheLineSays(String line) throws Exception {
        assertThat(faultOf(line, NoteKind.RECORD)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* namespaces=\"git\" %s | not trusted for caravan-record",
                "* namespaces=\"caravan-*,!caravan-record\" %s | not trusted for caravan-record",
                "* namespaces=\"\" %s | not trusted for caravan-record",
                "* valid-before=\"20261122Z\" %s | trusted only until 2026-11-22T00:00:00Z",
                "* valid-after=\"20261123Z\" %s | only from 2026-11-23T00:00:00Z",
            })
    void keyIsNotTrustedBeyondWhatTheLineSays(String line, String reason) throws Exception {
        assertThat(faultOf(line, NoteKind.RECORD)).contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* cert-authority %s | certificate authorities are not supported",
                "* cert-authority,namespaces=\"x\" %s | certificate authorities are not supported",
                "* restrict %s | option restrict is not known",
                "* namespaces=x %s | no value in double quotes",
                "* namespaces=\"x %s | no value in double quotes",
                "* valid-after=\"tomorrow\" %s | is not YYYYMMDD",
                "* valid-after=\"20261399\" %s | there is no time",
                "* valid-after=\"2026112208330\" %s | is not YYYYMMDD",
                "* valid-after=\"20270101\",valid-before=\"20260101\" %s | not after valid-after",
                "publisher | it has no key",
                "publisher ssh-ed25519 | it has no key",
                "publisher ssh-ed25519 AAAA | cannot be read",
                "publisher ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB | only keys of type ssh-ed25519 are supported",
                "publisher sk-ssh-ed25519@openssh.com AAAA | only keys of type ssh-ed25519 are supported",
                "-----BEGIN OPENSSH PRIVATE KEY----- | this is a private key",
                "'' | it has no key",
                "# only a comment | it has no key",
            })
    void lineThatIsNotUnderstoodIsRefused(String line, String reason) {
        assertThatThrownBy(() -> faultOf(line, NoteKind.RECORD))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusalNamesTheLine() {
        assertThatThrownBy(() -> faultOf("%s\n\n* cert-authority %s", NoteKind.RECORD))
                .hasMessageContaining("line 3: ");
    }

    @Test
    void everyLineOfAFileCounts() throws Exception {
        String other = SigningKey.generate().publicKey().toOpenSsh();

        assertThat(faultOf("* " + other + "\n* namespaces=\"git\" %s\n* %s\n", NoteKind.POINTER))
                .isEmpty();
    }

    @Test
    void fingerprintIsTrustedForEverything() throws Exception {
        TrustedKeys keys = TrustedKeys.parseOption(KEY.fingerprint());

        assertThat(keys.faultWith(KEY.fingerprint(), NoteKind.CATALOG, NOW)).isEmpty();
        assertThat(keys.faultWith(SigningKey.generate().fingerprint(), NoteKind.CATALOG, NOW))
                .isEqualTo("the key is not trusted");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SHA256:", "SHA256:abc", "SHA256:0000000000000000000000000000000000000000000=", "nosuchfile"})
    void whatIsNeitherFingerprintNorFileIsRefused(String option) {
        assertThatThrownBy(() -> TrustedKeys.parseOption(option)).isInstanceOf(WrongUsageException.class);
    }

    @Test
    void bothOfTwoSetsAreTrusted() throws Exception {
        SigningKey other = SigningKey.generate();
        TrustedKeys both = TrustedKeys.of(KEY.publicKey()).and(TrustedKeys.parseOption(other.fingerprint()));

        assertThat(both.faultWith(KEY.fingerprint(), NoteKind.RECORD, NOW)).isEmpty();
        assertThat(both.faultWith(other.fingerprint(), NoteKind.RECORD, NOW)).isEmpty();
    }

    private String faultOf(String text, NoteKind kind) throws Exception {
        Path file = Files.writeString(directory.resolve("keys"), text.replace("%s", PUBLIC));
        return TrustedKeys.parseOption(file.toString()).faultWith(KEY.fingerprint(), kind, NOW);
    }
}
