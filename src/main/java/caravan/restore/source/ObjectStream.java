package caravan.restore.source;

import caravan.restore.source.AttemptFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/**
 * The bytes of one object, as many as were expected: the stream ends normally only after a size that the request
 * allows. Every failure to read is an {@link AttemptFailure}.
 *
 * <p>For one thread. Closing it early drops the connection instead of reading the rest.
 */
public abstract class ObjectStream extends InputStream {

    private static final String HINT_LENGTH =
            "something on the way cut or changed the object; look at the answer's" + " headers and try another network";

    private final ObjectRequest request;
    private final String name;
    private final InputStream content;
    private long read;
    private LongConsumer meter = count -> {};

    ObjectStream(ObjectRequest request, String name, InputStream content) {
        this.request = request;
        this.name = name;
        this.content = content;
    }

    /** What the answer says about its way here, for example a CDN's location; empty if nothing. */
    public abstract String evidence();

    /** Name of the object, for people. */
    public final String name() {
        return name;
    }

    /** Tells {@code meter} of all bytes that arrive from now on. */
    public final void meteredBy(LongConsumer meter) {
        this.meter = meter;
    }

    @Override
    public final int read() throws AttemptFailure {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] buffer, int offset, int length) throws AttemptFailure {
        if (length == 0) {
            return 0;
        }
        int wanted = (int) Math.min(length, Math.max(1, request.maxSize() - read));
        int count;
        try {
            count = readContent(content, buffer, offset, wanted);
        } catch (IOException e) {
            throw failureOf(e, read);
        }
        if (count < 0) {
            if (read < request.minSize()) {
                throw damaged("ended after " + read + " bytes, expected " + request.expectation());
            }
            return -1;
        }
        meter.accept(count);
        read += count;
        if (read > request.maxSize()) {
            throw damaged("sent more than the expected " + request.maxSize() + " bytes");
        }
        return count;
    }

    int readContent(InputStream from, byte[] buffer, int offset, int length) throws IOException {
        return from.read(buffer, offset, length);
    }

    abstract AttemptFailure failureOf(IOException failure, long bytesRead);

    /** A failure because of what the bytes are. */
    public AttemptFailure damaged(String whatCameBack) {
        String way = evidence().isEmpty() ? "" : " [" + evidence() + "]";
        return new AttemptFailure(Kind.DAMAGED, name + " " + whatCameBack + way, HINT_LENGTH, null);
    }

    @Override
    public abstract void close();
}
