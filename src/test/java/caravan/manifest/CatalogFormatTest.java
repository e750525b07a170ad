package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogFormatTest {

    private static final String KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    private static final String CATALOG = "{\"format\":\"caravan-catalog-1\",\"publisher\":\"Ex “ample”\","
            + "\"generatedAt\":\"2026-11-22T08:40:05Z\",\"publicUrl\":\"https://cdn.example.org/snapshots\","
            + "\"databases\":[{\"database\":\"demo\",\"key\":\"" + KEY + "\",\"expectedBy\":\"2026-11-24T08:33:00Z\","
            + "\"snapshots\":[{\"snapshot\":\"20261122T083300Z-23456789\",\"network\":\"polkadot\",\"role\":\"full\","
            + "\"pruning\":\"256\",\"engines\":[\"rocksdb\",\"paritydb\"],\"nodeVersion\":\"1.20\","
            + "\"height\":23456789,\"createdAt\":\"2026-11-22T08:33:00Z\",\"retainUntil\":\"2027-02-22T08:33:00Z\","
            + "\"capture\":{\"mode\":\"live\",\"pauseMillis\":7},\"verification\":\"structure\",\"drill\":\"none\","
            + "\"totals\":{\"files\":3,\"directories\":1,\"chunks\":4,\"bytes\":230},"
            + "\"change\":{\"since\":\"20261121T083300Z-23442389\",\"newBytes\":102,\"reusedBytes\":128},"
            + "\"record\":\"20261122T083300Z-23456789/record\","
            + "\"regions\":\"20261122T083300Z-23456789/regions.json\"},"
            + "{\"snapshot\":\"20261121T083300Z-23442389\",\"network\":\"\",\"role\":\"\",\"pruning\":\"\","
            + "\"engines\":[],\"nodeVersion\":\"\",\"height\":0,\"createdAt\":\"2026-11-21T08:33:00Z\","
            + "\"retainUntil\":\"2027-02-21T08:33:00Z\",\"capture\":{\"mode\":\"\",\"pauseMillis\":0},"
            + "\"verification\":\"\",\"drill\":\"\","
            + "\"totals\":{\"files\":0,\"directories\":0,\"chunks\":0,\"bytes\":0},"
            + "\"record\":\"20261121T083300Z-23442389/record\","
            + "\"regions\":\"20261121T083300Z-23442389/regions.json\"}]}]}";

    @Test
    void catalogHasThisForm() throws Exception {
        assertThat(text(CatalogFormat.write(catalog()))).isEqualTo(CATALOG);
        assertThat(read(CATALOG)).isEqualTo(catalog());
    }

    @Test
    void emptyCatalogIsACatalog() throws Exception {
        Catalog empty = new Catalog("", catalog().generatedAt(), "http://[::1]:8080", List.of());

        assertThat(read(text(CatalogFormat.write(empty)))).isEqualTo(empty);
    }

    @Test
    void unknownFieldsAreIgnored() throws Exception {
        assertThat(read(CATALOG.replace("{\"", "{\"later\":[1.5],\""))).isEqualTo(catalog());
    }

    @Test
    void everyFieldButTheChangeIsRequired() {
        List<String> fields = Pattern.compile("\"([A-Za-z0-9]+)\":")
                .matcher(CATALOG)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .filter(field -> !field.equals("change"))
                .toList();

        assertThat(fields).hasSize(33);
        for (String field : fields) {
            assertThatThrownBy(() -> read(CATALOG.replaceFirst("\"" + field + "\":", "\"gone\":")))
                    .as(field)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(field)
                    .hasMessageContaining("is missing");
        }
    }

    @Test
    void firstSnapshotHasNoneBefore() throws Exception {
        Catalog read = read(CATALOG.replace("\"since\":\"20261121T083300Z-23442389\"", "\"since\":\"\""));

        assertThat(read.databases().get(0).snapshots().get(0).change())
                .containsExactly(new SnapshotChange(List.of(), 102, 128));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "caravan-catalog-1 | caravan-catalog-2 | a newer one is needed",
                "caravan-catalog-1 | caravan-record-1 | not caravan-catalog-1",
                "\"demo\" | \"chunks\" | a database name",
                "\"demo\" | \"../..\" | a database name",
                "Ex “ample” | Ex\\u001b[2J | forbidden character",
                "polkadot | \u202Etodaklop | forbidden character",
                "SHA256:47 | SHA256:4 | 43 characters",
                "SHA256:47 | MD5:4700 | 43 characters",
                "DEQpj8HBS | $(id)BSaa | 43 characters",
                "https://cdn.example.org/snapshots | ftp://cdn.example.org | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/ | a public URL",
                "https://cdn.example.org/snapshots | https://user@cdn.example.org | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/a?b | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/a#b | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/$(id) | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/a;b | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/a b | a public URL",
                "https://cdn.example.org/snapshots | https://cdn.example.org/a'b | a public URL",
                "https://cdn.example.org/snapshots | javascript:alert(1) | a public URL",
                "08:40:05Z | 08:40:05+01:00 | is not a time",
                "\"height\":23456789 | \"height\":-1 | is not between",
                "\"height\":23456789 | \"height\":9007199254740992 | is not between",
                "\"height\":23456789 | \"height\":1.5 | is not a whole number",
                "\"height\":23456789 | \"height\":\"1\" | is not a whole number",
                "\"newBytes\":102 | \"newBytes\":103 | together those of the snapshot",
                "\"newBytes\":102 | \"newBytes\":9007199254740991 | together those of the snapshot",
                "\"since\":\"2026 | \"since\":\"x026 | a snapshot is named",
                "\"record\":\"20261122 | \"record\":\"20261123 | \"record\" is not",
                "\"record\":\"20261122 | \"record\":\"../20261122 | \"record\" is not",
                "23456789/regions.json | 23456789/../../other | \"regions\" is not",
                "rocksdb | leveldb | no engine is called",
                "\"20261121T083300Z-23442389 | \"20261123T083300Z-23442389 | newest first",
                "\"20261121T083300Z-23442389 | \"20261122T083300Z-23456789 | newest first",
                "\"key\" | \"key\":\"\",\"key\" | Duplicate",
                "\"databases\":[ | \"databases\":[{}, | is missing",
                "\"databases\":[ | \"databases\":[[]], \"x\":[ | is not an object",
                "\"databases\":[ | \"databases\":{}, \"x\":[ | is not an array",
                "\"snapshots\":[ | \"snapshots\":[], \"x\":[ | has no snapshot",
            })
    void catalogThatSaysSomethingElseIsRefused(String from, String to, String reason) {
        String wrong = CATALOG.replace(from, to);

        assertThat(wrong).isNotEqualTo(CATALOG);
        assertThatThrownBy(() -> read(wrong))
                .isInstanceOf(DamagedException.class)
                .hasMessageStartingWith("cannot use the catalog http://x/catalog.json: ")
                .hasMessageContaining(reason);
    }

    @Test
    void databasesOutOfOrderAreRefused() {
        String one = CATALOG.substring(CATALOG.indexOf("{\"database\""), CATALOG.length() - 2);

        for (String second : List.of(one, one.replace("\"demo\"", "\"able\""))) {
            assertThatThrownBy(() -> read(CATALOG.replace(one, one + "," + second)))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("sorted by name");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}x", "{} {}", "\uFEFF{}", "{\"a\":[[[[[[[[[1]]]]]]]]]}"})
    void whatIsNoObjectIsRefused(String line) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(DamagedException.class);
    }

    @Test
    void hostileMarkupIsPlainText() throws Exception {
        String hostile = "</script><img src=x onerror=alert(1)>";

        assertThat(read(CATALOG.replace("polkadot", hostile))
                        .databases()
                        .get(0)
                        .snapshots()
                        .get(0)
                        .network())
                .isEqualTo(hostile);
    }

    private static Catalog read(String line) throws DamagedException {
        return CatalogFormat.read(line.getBytes(StandardCharsets.UTF_8), "http://x/catalog.json");
    }

    @Test
    void snapshotsThatWereFoundBadAreReadAsWrittenAndNotMissedWhereThereAreNone() throws Exception {
        Catalog plain = catalog();
        CatalogRefusal refusal = new CatalogRefusal(
                SnapshotId.parse("20261121T093300Z-23443000"),
                Instant.parse("2026-11-21T09:40:00Z"),
                "db/full/000012.sst is damaged");
        Catalog told = new Catalog(
                plain.publisher(),
                plain.generatedAt(),
                plain.publicUrl(),
                plain.databases().stream()
                        .map(each -> each.withRefused(List.of(refusal)))
                        .toList());

        assertThat(CatalogFormat.read(CatalogFormat.write(told), "c")).isEqualTo(told);
        assertThat(text(CatalogFormat.write(told)))
                .contains("\"refused\":[{\"snapshot\":\"20261121T093300Z-23443000\",\"at\":\"2026-11-21T09:40:00Z\","
                        + "\"why\":\"db/full/000012.sst is damaged\"}]");
        assertThat(text(CatalogFormat.write(plain))).doesNotContain("refused");
        assertThat(new CatalogRefusal(refusal.id(), refusal.at(), "x".repeat(1000)).why())
                .hasSize(301)
                .endsWith("…");
    }

    @Test
    void whatIsCutIsNotCutInTheMidstOfACharacter() throws Exception {
        Catalog plain = catalog();
        CatalogRefusal refusal = new CatalogRefusal(
                SnapshotId.parse("20261121T093300Z-23443000"),
                Instant.parse("2026-11-21T09:40:00Z"),
                "x".repeat(299) + "😀 and more");
        Catalog told = new Catalog(
                plain.publisher(),
                plain.generatedAt(),
                plain.publicUrl(),
                plain.databases().stream()
                        .map(each -> each.withRefused(List.of(refusal)))
                        .toList());

        assertThat(CatalogFormat.read(CatalogFormat.write(told), "c")).isEqualTo(told);
        assertThat(refusal.why()).isEqualTo("x".repeat(299) + "…");
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    private static Catalog catalog() {
        SnapshotId newer = SnapshotId.parse("20261122T083300Z-23456789");
        SnapshotId older = SnapshotId.parse("20261121T083300Z-23442389");
        return new Catalog(
                "Ex “ample”",
                Instant.parse("2026-11-22T08:40:05Z"),
                "https://cdn.example.org/snapshots",
                List.of(new CatalogDatabase(
                        new DatabaseName("demo"),
                        KEY,
                        Instant.parse("2026-11-24T08:33:00Z"),
                        List.of(
                                new CatalogSnapshot(
                                        newer,
                                        "polkadot",
                                        "full",
                                        "256",
                                        List.of(Engine.ROCKSDB, Engine.PARITYDB),
                                        "1.20",
                                        23456789,
                                        newer.createdAt(),
                                        Instant.parse("2027-02-22T08:33:00Z"),
                                        "live",
                                        7,
                                        "structure",
                                        "none",
                                        new ManifestTotals(3, 1, 4, 230),
                                        List.of(new SnapshotChange(List.of(older), 102, 128))),
                                new CatalogSnapshot(
                                        older,
                                        "",
                                        "",
                                        "",
                                        List.of(),
                                        "",
                                        0,
                                        older.createdAt(),
                                        Instant.parse("2027-02-21T08:33:00Z"),
                                        "",
                                        0,
                                        "",
                                        "",
                                        new ManifestTotals(0, 0, 0, 0),
                                        List.of())))));
    }
}
