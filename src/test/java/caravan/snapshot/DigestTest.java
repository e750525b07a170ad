package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    /** SHA-256 of "abc", from FIPS 180-2, appendix B.1. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void digestIsSha256() {
        assertThat(Digest.of("abc".getBytes(StandardCharsets.US_ASCII)).hex()).isEqualTo(ABC);
        assertThat(Digest.OF_NOTHING.hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void bothFormsAreReadBack() {
        Digest digest = Digest.fromHex(ABC);

        assertThat(digest.hex()).isEqualTo(ABC);
        assertThat(Digest.fromBytes(digest.bytes())).isEqualTo(digest);
        assertThat(digest).hasToString("sha256:" + ABC);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ba78", "../../../../etc/passwd"})
    void otherLengthsAreRefused(String hex) {
        assertThatThrownBy(() -> Digest.fromHex(hex)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "g", " ", "/", "\u0661", "\uFF11"})
    void otherDigitsAreRefused(String digit) {
        assertThatThrownBy(() -> Digest.fromHex(digit + ABC.substring(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lower-case");
    }

    @Test
    void orderIsThatOfTheHexDigits() {
        List<String> sorted = Stream.of("ff", "00", "80", "7f")
                .map(digits -> Digest.fromHex(digits.repeat(32)))
                .sorted()
                .map(digest -> digest.hex().substring(0, 2))
                .toList();

        assertThat(sorted).containsExactly("00", "7f", "80", "ff");
        String tail = "0".repeat(62);
        assertThat(Digest.fromHex(tail + "01")).isLessThan(Digest.fromHex(tail + "f0"));
    }
}
