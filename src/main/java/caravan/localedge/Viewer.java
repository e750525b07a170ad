package caravan.localedge;

import static java.util.Objects.requireNonNull;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The other side of one request. One thread uses it and waits for the network, so a slow viewer slows nobody else. */
final class Viewer {

    private static final int BLOCK = 128 << 10;

    private static final long PATIENCE_SECONDS = 60;

    private final HttpServerRequest request;

    private final HttpServerResponse response;

    private final Context connection;

    /** Made by the thread that has taken the request. */
    Viewer(HttpServerRequest request) {
        this.connection = requireNonNull(Vertx.currentContext(), "not in the thread of a connection");
        this.request = request;
        this.response = request.response();
    }

    /** Path and query. */
    String target() {
        return request.uri();
    }

    boolean wantsBody() {
        return request.method().equals(HttpMethod.GET);
    }

    boolean mayAsk() {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    Preconditions preconditions() {
        return new Preconditions(header("If-None-Match"), header("If-Modified-Since"), header("If-Range"));
    }

    /** Says status and headers; a length that is not known makes the body chunked. */
    void head(int status, Iterable<Map.Entry<String, String>> headers, OptionalLong length) {
        response.setStatusCode(status);
        headers.forEach(header -> response.headers().add(header.getKey(), header.getValue()));
        if (length.isPresent()) {
            response.putHeader("Content-Length", Long.toString(length.getAsLong()));
        } else if (wantsBody() && status != 304) {
            response.setChunked(true);
        }
    }

    /**
     * Sends {@code count} bytes of {@code object}, or what there is of them, as they come.
     *
     * @param from where to begin
     * @param fault that the edge has
     * @return how many bytes were sent
     */
    long body(CachedObject object, FileChannel content, long from, long count, EdgeFault fault)
            throws IOException, InterruptedException {
        long most = fault instanceof EdgeFault.Truncating truncating ? truncating.after() : Long.MAX_VALUE;
        long at = from;
        while (at - from < count) {
            long ready = Math.min(object.awaitBeyond(at), from + count - at);
            if (ready == 0) {
                break;
            }
            ByteBuffer block = ByteBuffer.allocate((int) Math.min(Math.min(BLOCK, ready), most - (at - from)));
            readFully(content, block, at);
            if (fault instanceof EdgeFault.Corrupting && at == from && block.limit() > 0) {
                block.put(0, (byte) ~block.get(0));
            }
            await(response.write(Buffer.buffer(block.array())));
            at += block.limit();
            if (at - from >= most) {
                throw new IOException("told to break off here");
            }
        }
        return at - from;
    }

    void end() throws IOException, InterruptedException {
        await(response.end());
    }

    /**
     * Closes the connection, whatever was sent so far. The connection's own thread does it: from another one, a close
     * that meets the end of a write may be forgotten.
     */
    void hangUp() {
        connection.runOnContext(nothing -> {
            var unused = request.connection().close();
        });
    }

    private static void readFully(FileChannel content, ByteBuffer block, long at) throws IOException {
        while (block.hasRemaining()) {
            if (content.read(block, at + block.position()) < 0) {
                throw new IOException("the cached file is shorter than it was");
            }
        }
    }

    private static void await(Future<Void> sent) throws IOException, InterruptedException {
        try {
            sent.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the viewer has gone: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("the viewer takes nothing for " + PATIENCE_SECONDS + " s", e);
        }
    }
}
