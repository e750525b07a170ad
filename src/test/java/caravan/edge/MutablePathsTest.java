package caravan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MutablePathsTest {

    private static final DatabaseName DATABASE = new DatabaseName("polkadot");

    private static final SnapshotId SNAPSHOT = SnapshotId.parse("20261122T083300Z-23456789");

    @ParameterizedTest
    @CsvSource({
        "https://cdn.example.org,             /",
        "https://cdn.example.org/,            /",
        "https://cdn.example.org/a/b,         /a/b/",
        "https://cdn.example.org/a%20b/,      /a%20b/",
        "https://cdn.example.org:8443/s,      /s/",
    })
    void pathsAreThoseThatClientsAskTheDistributionFor(URI publicUrl, String base) {
        Invalidation invalidation = new MutablePaths(publicUrl, false).ofPublication("run-1", DATABASE, SNAPSHOT);

        assertThat(invalidation.reference()).isEqualTo("run-1");
        assertThat(invalidation.paths())
                .containsExactly(
                        base + "polkadot/latest",
                        base + "polkadot/20261122T083300Z-23456789/regions.json",
                        base + "catalog.json",
                        base + "index.html",
                        base,
                        base + "sync.sh",
                        base + "sync.sh.sig");
        assertThat(invalidation.urls().get(0))
                .isEqualTo("https://" + publicUrl.getRawAuthority() + base + "polkadot/latest");
    }

    @Test
    void nothingThatNeverChangesIsInvalidated() {
        MutablePaths paths = new MutablePaths(URI.create("https://cdn.example.org/s"), false);

        for (Invalidation one : List.of(
                paths.ofPublication("r", DATABASE, SNAPSHOT),
                paths.ofPointer("r", DATABASE),
                paths.ofRecord("r", DATABASE, SNAPSHOT))) {
            assertThat(one.paths())
                    .noneMatch(path -> path.contains("chunks") || path.contains("manifest") || path.contains("*"))
                    .doesNotHaveDuplicates();
        }
        assertThat(paths.ofPointer("r", DATABASE).paths()).containsExactly("/s/polkadot/latest", "/s/catalog.json");
        assertThat(paths.ofRecord("r", DATABASE, SNAPSHOT).paths())
                .containsExactly("/s/polkadot/20261122T083300Z-23456789/record", "/s/catalog.json");
    }

    @Test
    void whatLeadsToPlainFilesIsReplacedWhereThereAreSome() {
        URI site = URI.create("https://cdn.example.org/s");
        List<String> without = new MutablePaths(site, false)
                .ofPublication("r", DATABASE, SNAPSHOT)
                .paths();

        assertThat(new MutablePaths(site, true)
                        .ofPublication("r", DATABASE, SNAPSHOT)
                        .paths())
                .containsAll(without)
                .hasSize(without.size() + 1)
                .endsWith("/s/polkadot/files/latest_version.meta.txt");
    }

    @Test
    void sameRunGivesTheSameWords() {
        MutablePaths paths = new MutablePaths(URI.create("https://cdn.example.org/s"), false);

        assertThat(paths.ofPublication("r", DATABASE, SNAPSHOT))
                .isEqualTo(paths.ofPublication("r", DATABASE, SNAPSHOT));
    }

    @Test
    void callsOfThirtyUrlsHoldAllOfThemOnce() {
        String[] keys = IntStream.range(0, 61).mapToObj(number -> "k" + number).toArray(String[]::new);
        Invalidation invalidation = new MutablePaths(URI.create("https://cdn.example.org"), false).of("r", keys);

        assertThat(invalidation.filesBy(30))
                .extracting(call -> call.get("files").size())
                .containsExactly(30, 30, 1);
        assertThat(invalidation.filesBy(30).stream()
                        .flatMap(call -> call.get("files").stream())
                        .toList())
                .isEqualTo(invalidation.urls());
    }

    @Test
    void cacheWithAnAddressOfItsOwnIsAskedForTheSamePaths() {
        Invalidation invalidation =
                new MutablePaths(URI.create("https://cdn.example.org/s"), false).of("r", "catalog.json");

        assertThat(invalidation.urlsAt(URI.create("http://10.0.0.7:6081")))
                .containsExactly("http://10.0.0.7:6081/s/catalog.json");
    }

    @Test
    void invalidationOfNothingIsRefused() {
        assertThatThrownBy(() -> new Invalidation("r", URI.create("https://a.example"), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Invalidation("r", URI.create("https://a.example"), List.of("latest")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
