package caravan.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class S3SettingsTest {

    private static final URI SERVER = URI.create("https://s3.example.org:9000");

    @Test
    void secretIsNotInTheTextForm() {
        S3Settings settings = S3Settings.of(SERVER, "snapshots", "a/b", "key", "hidden-word");

        assertThat(settings.toString()).doesNotContain("hidden-word").contains("snapshots");
        assertThat(settings.credentials().toString()).doesNotContain("hidden-word");
    }

    @Test
    void keysLieBelowThePrefix() {
        assertThat(S3Settings.of(SERVER, "snapshots", "a/b", "k", "s").keyOf("polkadot/latest"))
                .isEqualTo("a/b/polkadot/latest");
        assertThat(S3Settings.of(SERVER, "snapshots", "", "k", "s").keyOf("polkadot/latest"))
                .isEqualTo("polkadot/latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3.example.org",
                "ftp://s3.example.org",
                "http:///x",
                "https://s3.example.org/bucket",
                "https://user:word@s3.example.org",
                "https://s3.example.org?x=1"
            })
    void endpointIsAHostAndNothingMore(String endpoint) {
        assertThatThrownBy(() -> S3Settings.of(URI.create(endpoint), "snapshots", "", "k", "s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https://s3.example.org:9000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a/b", "-ab", "s3://snapshots", "a b c"})
    void bucketHasTheFormOfABucket(String bucket) {
        assertThatThrownBy(() -> S3Settings.of(SERVER, bucket, "", "k", "s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bucket");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a", "a/", "a//b", "../a", "a/./b"})
    void prefixIsAPlainPath(String prefix) {
        assertThatThrownBy(() -> S3Settings.of(SERVER, "snapshots", prefix, "k", "s"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void halfAKeyPairIsRefused() {
        assertThatThrownBy(() -> new S3Settings.Credentials.Keys("key", ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new S3Settings.Credentials.Keys("", "secret"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void limitsAreAboveZero() {
        assertThatThrownBy(() -> new S3Settings.Limits(Duration.ZERO, Duration.ofSeconds(1), 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new S3Settings.Limits(Duration.ofSeconds(1), Duration.ofSeconds(1), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
