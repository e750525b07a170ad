package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoteFormatTest {

    private static final String EMPTY_HEX = Digest.OF_NOTHING.hex();

    private static final String RECORD = "{\"format\":\"caravan-record-1\",\"database\":\"demo\","
            + "\"snapshot\":\"20261122T083300Z-23456789\",\"network\":\"polkadot\",\"genesis\":\"0x91b1\","
            + "\"role\":\"full\",\"pruning\":\"256\",\"engines\":[\"rocksdb\",\"paritydb\"],\"nodeVersion\":\"1.2 “x”\","
            + "\"height\":23456789,\"heightSource\":\"rpc\",\"blockHash\":\"0xab\","
            + "\"createdAt\":\"2026-11-22T08:33:00Z\",\"retainUntil\":\"2027-01-01T00:00:00Z\","
            + "\"capture\":{\"mode\":\"live\",\"pauseMillis\":7},\"verification\":\"structure\",\"drill\":\"none\","
            + "\"totals\":{\"files\":1,\"directories\":2,\"chunks\":3,\"bytes\":4},"
            + "\"manifest\":{\"path\":\"manifest.jsonl\",\"size\":5,\"sha256\":\"" + EMPTY_HEX + "\"},"
            + "\"chunks\":{\"path\":\"chunks.tsv\",\"size\":6,\"sha256\":\"" + EMPTY_HEX + "\"}}";

    private static final String POINTER = "{\"format\":\"caravan-pointer-1\",\"database\":\"demo\",\"sequence\":12,"
            + "\"runId\":\"r-1\",\"publishedAt\":\"2026-11-22T08:40:00Z\",\"expiresAt\":\"2026-12-22T08:40:00Z\","
            + "\"record\":{\"path\":\"20261122T083300Z-23456789/record\",\"size\":900,\"sha256\":\"" + EMPTY_HEX
            + "\"}}";

    @Test
    void recordHasThisForm() throws Exception {
        assertThat(text(RecordFormat.write(record()))).isEqualTo(RECORD);
        assertThat(readRecord(RECORD)).isEqualTo(record());
    }

    @Test
    void pointerHasThisForm() throws Exception {
        assertThat(text(PointerFormat.write(pointer()))).isEqualTo(POINTER);
        assertThat(readPointer(POINTER)).isEqualTo(pointer());
        assertThat(pointer().snapshot()).isEqualTo(SnapshotId.parse("20261122T083300Z-23456789"));
    }

    @Test
    void unknownFieldsAreIgnored() throws Exception {
        assertThat(readRecord(RECORD.replace("{\"", "{\"later\":[1.5],\""))).isEqualTo(record());
        assertThat(readPointer(POINTER.replace("{\"", "{\"later\":{},\""))).isEqualTo(pointer());
    }

    @Test
    void everyFieldOfARecordIsRequired() {
        List<String> fields = Pattern.compile("\"([A-Za-z0-9]+)\":")
                .matcher(RECORD)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();

        assertThat(fields).hasSize(28);
        for (String field : fields) {
            assertThatThrownBy(() -> readRecord(RECORD.replaceFirst("\"" + field + "\":", "\"gone\":")))
                    .as(field)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(field)
                    .hasMessageContaining("is missing");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "format",
                "database",
                "sequence",
                "runId",
                "publishedAt",
                "expiresAt",
                "record",
                "path",
                "size",
                "sha256"
            })
    void everyFieldOfAPointerIsRequired(String field) {
        assertThatThrownBy(() -> readPointer(POINTER.replace("\"" + field + "\":", "\"gone\":")))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(field + "\" is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "caravan-pointer-1 | caravan-pointer-2 | a newer one is needed",
                "caravan-pointer-1 | caravan-record-1 | not caravan-pointer-1",
                "\"demo\" | \"..\" | a database name",
                ":12, | :0, | a sequence is between",
                ":12, | :-1, | is not between",
                ":12, | :9007199254740992, | is not between",
                ":12, | :1.0, | is not a whole number",
                ":12, | :\"12\", | is not a whole number",
                "08:40:00Z\",\"exp | 08:40:00+01:00\",\"exp | is not a time",
                "08:40:00Z\",\"exp | 08:40:00.5Z\",\"exp | is not a time",
                "2026-12-22T | 2026-11-22T | expires after it is published",
                "2026-12-22T | 2026-13-22T | is no time that there is",
                "2026-12-22T | +12026-12-22T | is not a time",
                "23456789/record | 23456789/manifest.jsonl | a pointer names",
                "23456789/record | 23456789 | a pointer names",
                "20261122T083300Z-23456789/record | ../record | ends in a dot",
                "20261122T083300Z-23456789/record | latest/record | a snapshot is named",
                "\"r-1\" | \"r\\u001b[2J\" | forbidden character",
                "\"sequence\" | \"sequence\":1,\"sequence\" | Duplicate",
            })
    void pointerThatSaysSomethingElseIsRefused(String from, String to, String reason) {
        String wrong = POINTER.replace(from, to);

        assertThat(wrong).isNotEqualTo(POINTER);
        assertThatThrownBy(() -> readPointer(wrong))
                .isInstanceOf(DamagedException.class)
                .hasMessageStartingWith("cannot use the pointer http://x/demo/latest: ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{", "{}x", "{} {}", "\uFEFF{}", "{\"a\":[[[[[[[[[1]]]]]]]]]}"})
    void whatIsNoObjectIsRefused(String line) {
        assertThatThrownBy(() -> readRecord(line)).isInstanceOf(DamagedException.class);
        assertThatThrownBy(() -> readPointer(line)).isInstanceOf(DamagedException.class);
    }

    @Test
    void whatIsNotUtf8IsRefused() {
        byte[] line = RECORD.replace("“", "ü").getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> RecordFormat.read(line, "x"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void textThatPlaysTricksOnATerminalIsNeitherWrittenNorRead() {
        assertThatThrownBy(() -> readRecord(RECORD.replace("1.2", "\\u001b[2J")))
                .isInstanceOf(DamagedException.class);
        assertThatThrownBy(() -> readRecord(RECORD.replace("1.2", "\u202E"))).isInstanceOf(DamagedException.class);
        assertThatThrownBy(() -> readRecord(RECORD.replace("1.2", "x".repeat(1001))))
                .isInstanceOf(DamagedException.class);
        Pointer tricky = new Pointer(
                pointer().database(),
                1,
                "a\nb",
                pointer().publishedAt(),
                pointer().expiresAt(),
                pointer().record());
        assertThatThrownBy(() -> PointerFormat.write(tricky)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void partsOfASecondAreDropped() throws Exception {
        Pointer fine = new Pointer(
                pointer().database(),
                12,
                "r-1",
                pointer().publishedAt().plusNanos(999_999_999),
                pointer().expiresAt().plusMillis(1),
                pointer().record());

        assertThat(text(PointerFormat.write(fine))).isEqualTo(POINTER);
    }

    private static SnapshotRecord readRecord(String line) throws DamagedException {
        return RecordFormat.read(line.getBytes(StandardCharsets.UTF_8), "http://x/demo/1/record");
    }

    private static Pointer readPointer(String line) throws DamagedException {
        return PointerFormat.read(line.getBytes(StandardCharsets.UTF_8), "http://x/demo/latest");
    }

    private static String text(byte[] line) {
        return new String(line, StandardCharsets.UTF_8);
    }

    private static Pointer pointer() {
        return new Pointer(
                new DatabaseName("demo"),
                12,
                "r-1",
                Instant.parse("2026-11-22T08:40:00Z"),
                Instant.parse("2026-12-22T08:40:00Z"),
                new ObjectRef("20261122T083300Z-23456789/record", 900, Digest.OF_NOTHING));
    }

    private static SnapshotRecord record() {
        return new SnapshotRecord(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-23456789"),
                "polkadot",
                "0x91b1",
                "full",
                "256",
                List.of(Engine.ROCKSDB, Engine.PARITYDB),
                "1.2 “x”",
                23456789,
                "rpc",
                "0xab",
                Instant.parse("2026-11-22T08:33:00Z"),
                Instant.parse("2027-01-01T00:00:00Z"),
                "live",
                7,
                "structure",
                "none",
                new ManifestTotals(1, 2, 3, 4),
                new ObjectRef("manifest.jsonl", 5, Digest.OF_NOTHING),
                new ObjectRef("chunks.tsv", 6, Digest.OF_NOTHING));
    }
}
