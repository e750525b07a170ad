package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.StoredAs;
import caravan.warm.EdgeAnswer;
import caravan.warm.WarmJob;
import caravan.warm.WarmResult;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmJobFormatTest {

    private static final String ID = "0f8fad5b-d9cb-469f-a165-70867728950e";

    private static final Digest CHUNK = Digest.fromHex("ab".repeat(32));

    private static final WarmJob JOB = new WarmJob(
            ID,
            new DatabaseName("demo"),
            SnapshotId.parse("20261122T083300Z-23456789"),
            "sa-east-1",
            URI.create("https://cdn.example.org/a"),
            true,
            Optional.of(Instant.parse("2026-11-22T20:33:00Z")),
            List.of(
                    new WarmJob.Item(7, ChunkRef.plain(CHUNK, 12)),
                    new WarmJob.Item(
                            9, new ChunkRef(CHUNK, 5, new StoredAs.Zstandard(5, Digest.fromHex("cd".repeat(32)))))));

    @Test
    void jobIsReadAsItWasWritten() throws Exception {
        assertThat(WarmJobFormat.job(WarmJobFormat.write(JOB))).isEqualTo(JOB);
    }

    @Test
    void resultIsReadAsItWasWritten() throws Exception {
        WarmResult result = new WarmResult(
                ID,
                List.of(new WarmResult.Came(7, new EdgeAnswer(EdgeAnswer.Cache.MISS, "GRU3-P2"), 41_000)),
                List.of(new WarmResult.Missed(9, "", "no connection", 3)));
        assertThat(WarmJobFormat.result(WarmJobFormat.write(result))).isEqualTo(result);
    }

    @Test
    void messagesOfProgramsBeforeTheseFieldsAreRead() throws Exception {
        WarmJob job = WarmJobFormat.job(WarmJobFormat.write(JOB).replace("\"notAfter\":\"2026-11-22T20:33:00Z\",", ""));
        assertThat(job.notAfter()).isEmpty();
        assertThat(job.isOver(Instant.MAX)).isFalse();
        assertThat(job.items()).isEqualTo(JOB.items());
        String result = WarmJobFormat.write(
                new WarmResult(ID, List.of(), List.of(new WarmResult.Missed(9, "", "no connection", 3))));
        assertThat(result).contains(",\"bytes\":3}");
        assertThat(WarmJobFormat.result(result.replace(",\"bytes\":3", "")).missed())
                .containsExactly(new WarmResult.Missed(9, "", "no connection", 0));
    }

    @Test
    void largestJobFitsIntoOneMessage() {
        WarmJob.Item item =
                new WarmJob.Item(999_999_999, new ChunkRef(CHUNK, 1 << 26, new StoredAs.Zstandard(1 << 26, CHUNK)));
        WarmJob largest = new WarmJob(
                ID,
                JOB.database(),
                JOB.snapshot(),
                JOB.region(),
                JOB.publicUrl(),
                false,
                JOB.notAfter(),
                IntStream.range(0, WarmJob.MAX_ITEMS).mapToObj(number -> item).toList());
        assertThat(WarmJobFormat.write(largest).length()).isLessThan(WarmJobFormat.MAX_BYTES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "http://evil.example/",
                "{\"format\":\"caravan-warm-result-1\"}",
                "{\"format\":\"caravan-warm-job-2\"}"
            })
    void whatIsNoJobIsRefused(String message) {
        assertThatThrownBy(() -> WarmJobFormat.job(message)).isInstanceOf(DamagedException.class);
    }

    @Test
    void jobThatNamesAnythingButHashesIsRefused() {
        String message = WarmJobFormat.write(JOB);
        for (String hostile : List.of(
                message.replace(CHUNK.hex(), "../../latest"),
                message.replace(CHUNK.hex(), "AB".repeat(32)),
                message.replace("\"index\":7", "\"index\":-7"),
                message.replace("\"size\":12", "\"size\":0"),
                message.replace("\"size\":12", "\"size\":12,\"size\":13"),
                message.replace(ID, "../" + ID),
                message + message)) {
            assertThatThrownBy(() -> WarmJobFormat.job(hostile)).as(hostile).isInstanceOf(DamagedException.class);
        }
    }
}
