package caravan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.command.PublicationProgress.Numbers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people and machines see of a publication on its way. */
class PublicationProgressTest {

    private static final long GIB = 1L << 30;

    @Test
    void captureShowsNoBarBeforeItsSizeIsKnown() {
        assertThat(uploaded("capture", 0, 0, 5).line()).isEqualTo("demo: capture");
    }

    @Test
    void checkOfTheTablesShowsNoBarForNothingIsSentYet() {
        assertThat(uploaded("check", 0, GIB, 5).line()).isEqualTo("demo: check");
    }

    @Test
    void uploadShowsShareRateAndTimeLeft() {
        assertThat(uploaded("upload", GIB, 4 * GIB, 64).line())
                .isEqualTo(
                        "demo: upload [#######                       ] 25% 1.0 GiB of 4.0 GiB, 16.0 MiB/s, 3:12 left");
    }

    @Test
    void moreThanAnHourIsTold() {
        assertThat(uploaded("upload", GIB, 1025 * GIB, 10).line()).endsWith(", 2:50 h left");
    }

    @Test
    void nothingStoredYetPromisesNoTime() {
        assertThat(uploaded("upload", 0, GIB, 3).line()).contains(" 0% ").doesNotContain("left");
    }

    @Test
    void stagesAfterTheUploadPromiseNoTime() {
        assertThat(uploaded("prove", GIB, GIB, 3).line()).contains("100%").doesNotContain("left");
    }

    @Test
    void moreBytesThanTheCaptureHadAreNotMoreThanAllOfThem() {
        assertThat(uploaded("publish", 3 * GIB, GIB, 3).line()).contains("[##############################] 100%");
    }

    @Test
    void machinesGetTheSameNumbersAsJson() throws Exception {
        JsonNode event = new ObjectMapper()
                .readTree(new Numbers("demo", "upload", 10, 40, 1, 4, 7, Duration.ofSeconds(1)).json());

        assertThat(event.get("event").textValue()).isEqualTo("progress");
        assertThat(event.get("database").textValue()).isEqualTo("demo");
        assertThat(event.get("phase").textValue()).isEqualTo("upload");
        assertThat(event.get("bytesDone").longValue()).isEqualTo(10);
        assertThat(event.get("bytes").longValue()).isEqualTo(40);
        assertThat(event.get("chunksDone").longValue()).isEqualTo(1);
        assertThat(event.get("chunks").longValue()).isEqualTo(4);
        assertThat(event.get("bytesSent").longValue()).isEqualTo(7);
    }

    private static Numbers uploaded(String phase, long done, long total, long seconds) {
        return new Numbers("demo", phase, done, total, 1, 4, done, Duration.ofSeconds(seconds));
    }
}
