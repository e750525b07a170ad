package caravan.app.routing;

import caravan.failure.FailedException;
import caravan.publish.NamedChunk;
import caravan.store.Brake;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Variable;
import org.apache.camel.component.aws2.s3.AWS2S3Constants;

/** Turns a chunk into the message that the S3 endpoint stores. Bean {@code chunkBodies}; safe for many threads. */
public final class ChunkBodies {

    /** User metadata that the S3 client turns into the checksum header. */
    private static final String SHA256 = "sha256";

    private final Brake brake;

    private final UnaryOperator<String> keys;

    /**
     * Messages for the bucket.
     *
     * @param brake waited for before each chunk
     * @param keys from a path below the prefix to the bucket's own key
     */
    public ChunkBodies(Brake brake, UnaryOperator<String> keys) {
        this.brake = brake;
        this.keys = keys;
    }

    /** Waits until the chunk may be sent, then makes its bytes the body. Called by route {@code put-chunk}. */
    public void open(@Body NamedChunk chunk, Exchange exchange) throws InterruptedException {
        brake.await(0);
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(AWS2S3Constants.KEY, keys.apply(chunk.path()));
        message.setHeader(AWS2S3Constants.CONTENT_LENGTH, chunk.storedSize());
        message.setHeader(
                AWS2S3Constants.METADATA, Map.of(SHA256, chunk.storedDigest().hex()));
        message.setBody(bodyOf(chunk));
    }

    private static SliceBody bodyOf(NamedChunk chunk) {
        Optional<Path> frame = chunk.frame();
        return frame.isPresent()
                ? new SliceBody(frame.get(), 0, chunk.storedSize())
                : new SliceBody(chunk.slice().file().staged(), chunk.slice().offset(), chunk.storedSize());
    }

    /**
     * Notes that the store answered, and makes the chunk the body again. Called by route {@code put-chunk}.
     *
     * @throws FailedException if it did not: no step has sent the chunk then, and none has found it there
     */
    public NamedChunk sent(@Variable("chunk") NamedChunk chunk, Exchange exchange) throws FailedException {
        if (exchange.getMessage().getBody() instanceof NamedChunk confirmed && confirmed.isSent()) {
            brake.succeeded();
            return confirmed;
        }
        if (exchange.getMessage().getHeader(AWS2S3Constants.E_TAG) == null) {
            throw new FailedException(
                    "store chunk " + chunk.path() + ": no step has sent it, or the bucket has not answered",
                    "a step of route put-chunk does not what it should; run caravan check");
        }
        brake.succeeded();
        return chunk;
    }
}
