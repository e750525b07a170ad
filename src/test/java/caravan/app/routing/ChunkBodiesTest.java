package caravan.app.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.CapturedFile;
import caravan.capture.SourceIdentity;
import caravan.failure.FailedException;
import caravan.pace.Waiting;
import caravan.publish.ChunkSlice;
import caravan.publish.NamedChunk;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import caravan.store.Brake;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.apache.camel.Exchange;
import org.apache.camel.component.aws2.s3.AWS2S3Constants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether a chunk was sent is believed to the bucket's answer alone. */
final class ChunkBodiesTest {

    private static final NamedChunk CHUNK = NamedChunk.plain(
            new ChunkSlice(
                    null,
                    new CapturedFile(
                            new SnapshotPath("000001.sst"),
                            Path.of("000001.sst"),
                            10,
                            true,
                            new SourceIdentity("000001.sst", 1, 1, 10, 1, "")),
                    0,
                    0,
                    0,
                    0,
                    10),
            Digest.of(new byte[10]),
            NamedChunk.State.MISSING);

    private final ChunkBodies bodies = new ChunkBodies(
            new Brake(Duration.ofMillis(1), Duration.ofMillis(1), Waiting.REAL, new Random(1)), path -> path);

    private final DefaultCamelContext camel = new DefaultCamelContext();

    private final Exchange exchange = new DefaultExchange(camel);

    @AfterEach
    void close() throws Exception {
        camel.close();
    }

    @Test
    void chunkThatTheBucketAnsweredForIsSent() throws Exception {
        bodies.open(CHUNK, exchange);
        exchange.getMessage().setHeader(AWS2S3Constants.E_TAG, "\"1\"");

        assertThat(bodies.sent(CHUNK, exchange)).isEqualTo(CHUNK);
    }

    @Test
    void chunkThatNoStepSentIsNotTakenForSent() throws Exception {
        bodies.open(CHUNK, exchange);

        assertThatThrownBy(() -> bodies.sent(CHUNK, exchange))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(CHUNK.path())
                .hasMessageContaining("no step has sent it");
    }

    @Test
    void answerForAnotherChunkCountsForNothing() throws Exception {
        exchange.getMessage().setHeader(AWS2S3Constants.E_TAG, "\"of the chunk before\"");
        bodies.open(CHUNK, exchange);

        assertThatThrownBy(() -> bodies.sent(CHUNK, exchange)).isInstanceOf(FailedException.class);
    }

    @Test
    void chunkThatWasMissingAndThatNobodyOpenedIsNotTakenForSent() {
        exchange.getMessage().setBody(CHUNK);

        assertThatThrownBy(() -> bodies.sent(CHUNK, exchange)).isInstanceOf(FailedException.class);
    }

    @Test
    void chunkThatIsThereAlreadyIsTakenAsItWasConfirmed() throws Exception {
        NamedChunk confirmed = NamedChunk.plain(CHUNK.slice(), CHUNK.digest(), NamedChunk.State.SENT);
        bodies.open(CHUNK, exchange);
        exchange.getMessage().setBody(confirmed);

        assertThat(bodies.sent(CHUNK, exchange)).isEqualTo(confirmed);
    }
}
