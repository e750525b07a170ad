package caravan.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import caravan.warm.WarmCost;
import caravan.warm.WarmFault;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionsFormatTest {

    private static final RegionsReport REPORT = new RegionsReport(
            new DatabaseName("demo"),
            SnapshotId.parse("20261122T083300Z-23456789"),
            Instant.parse("2026-11-22T09:10:00Z"),
            812,
            51_380_224_000L,
            List.of(
                    new RegionReport(
                            "eu-central-1",
                            "edge",
                            RegionState.OK,
                            "",
                            List.of("FRA56-P4", "FRA60-C1"),
                            1,
                            0,
                            List.of(new WarmFault("chunks/ca/ca10", "FRA56-P4", "status 503")),
                            new PassReport(812, 51_380_224_000L, 12, 800, 412_000, 41_983, 180_223),
                            new PassReport(20, 1_265_512_448, 20, 0, 2_912, 3_071, 9_727)),
                    new RegionReport(
                            "sa-east-1",
                            "proxy",
                            RegionState.FAILED,
                            "given up after 10 failures in a row: no connection",
                            List.of(),
                            10,
                            0,
                            List.of(),
                            PassReport.NONE,
                            PassReport.NONE)));

    @Test
    void whatIsWrittenIsRead() throws Exception {
        byte[] text = RegionsFormat.write(REPORT);

        assertThat(RegionsFormat.read(text, "regions.json")).isEqualTo(REPORT);
        assertThat(new String(text, UTF_8)).endsWith("}\n");
    }

    @Test
    void laterLooksAndCostAreReadAsTheyWereWritten() throws Exception {
        RegionsReport whole = REPORT.withRegions(region -> region.with(
                                new LaterLook(Duration.ofDays(1), Instant.parse("2026-11-23T09:10:00Z"), 20, 3, 17))
                        .with(new LaterLook(Duration.ofHours(1), Instant.parse("2026-11-22T10:10:00Z"), 20, 19, 1)))
                .withCost(Optional.of(new WarmCost(
                        "cloudfront", LocalDate.parse("2026-11-25"), Map.of("eu-central-1", 12L, "sa-east-1", 30L))));
        String text = new String(RegionsFormat.write(whole), UTF_8);

        assertThat(RegionsFormat.read(text.getBytes(UTF_8), "it")).isEqualTo(whole);
        assertThat(text)
                .contains(
                        "\"costMicros\":30}],\"cost\":{\"provider\":\"cloudfront\",\"pricesOf\":\"2026-11-25\",\"micros\":42}}")
                .contains("\"looks\":[{\"afterSeconds\":3600,", "},{\"afterSeconds\":86400,");
        for (String wrong : List.of(
                text.replace("\"hits\":19,\"misses\":1}", "\"hits\":19,\"misses\":2}"),
                text.replace("2026-11-25", "yesterday"))) {
            assertThatThrownBy(() -> RegionsFormat.read(wrong.getBytes(UTF_8), "it"))
                    .isInstanceOf(DamagedException.class);
        }
    }

    @Test
    void fieldsOfLaterVersionsArePassedOver() throws Exception {
        String text = text().replace("\"via\":", "\"later\":{\"x\":[1]},\"via\":");

        assertThat(RegionsFormat.read(text.getBytes(UTF_8), "it")).isEqualTo(REPORT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "caravan-regions-1        | caravan-regions-2    | newer",
                "\"objects\":812,\"bytes\"| \"bytes\"            | missing",
                "\"state\":\"ok\"         | \"state\":\"super\"  | state",
                "\"hits\":12,             | \"hits\":13,         | together",
                "\"hits\":12,             | \"hits\":-12,        | hits",
                "eu-central-1             | eu\\u001b[31m        | forbidden",
                "\"demo\"                 | \"De mo\"            | ''",
                "}]}                      | }]}x                 | ''",
            })
    void whatIsNotOfTheFormatIsRefused(String right, String wrong, String reason) {
        String text = text().replace(right, wrong);
        assertThat(text).isNotEqualTo(text());

        assertThatThrownBy(() -> RegionsFormat.read(text.getBytes(UTF_8), "it"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(reason);
    }

    private static String text() {
        return new String(RegionsFormat.write(REPORT), UTF_8);
    }
}
