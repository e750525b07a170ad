package caravan.restore.source;

import java.io.IOException;
import java.io.InputStream;

/** An object from one of several sources: tells the pool how it went. */
final class PooledStream extends ObjectStream {

    private final SourcePool pool;
    private final PooledSource member;
    private final ObjectRequest request;
    private final ObjectStream stream;
    private long waitedNanos;
    private long bytes;
    private boolean ended;
    private boolean failed;
    private boolean closed;

    PooledStream(SourcePool pool, PooledSource member, ObjectRequest request, ObjectStream stream, long waitedNanos) {
        super(request, stream.name(), stream);
        this.pool = pool;
        this.member = member;
        this.request = request;
        this.stream = stream;
        this.waitedNanos = waitedNanos;
    }

    @Override
    public String evidence() {
        return stream.evidence();
    }

    @Override
    int readContent(InputStream from, byte[] buffer, int offset, int length) throws IOException {
        long begin = pool.nanoTime();
        int count = from.read(buffer, offset, length);
        waitedNanos += pool.nanoTime() - begin;
        if (count < 0) {
            ended = true;
        } else {
            bytes += count;
            pool.requireSpeed(member, name(), bytes, waitedNanos);
        }
        return count;
    }

    @Override
    AttemptFailure failureOf(IOException failure, long bytesRead) {
        failed = true;
        AttemptFailure known =
                failure instanceof AttemptFailure attempt ? attempt : stream.failureOf(failure, bytesRead);
        return pool.failed(member, request.path(), known);
    }

    @Override
    public AttemptFailure damaged(String whatCameBack) {
        failed = true;
        return pool.failed(member, request.path(), super.damaged(whatCameBack));
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        stream.close();
        member.end();
        member.gave(bytes, waitedNanos);
        if (ended && !failed) {
            pool.succeeded(member, request.path());
        }
    }
}
