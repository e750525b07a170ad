package caravan.app.warming;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/**
 * The body of an answer that need not be read to its end. Left to itself the HTTP client reads all the rest when a body
 * is closed, however long that takes; this one drops the connection. One that was read to its end gives it back.
 */
final class AbandonableBody extends FilterInputStream {

    private final ExecRuntime connection;

    private boolean ended;

    private AbandonableBody(InputStream body, ExecRuntime connection) {
        super(body);
        this.connection = connection;
    }

    /** What makes every body of a client one of these. */
    static ExecChainHandler everywhere() {
        return AbandonableBody::proceed;
    }

    @Override
    public int read() throws IOException {
        int read = super.read();
        ended |= read < 0;
        return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        ended |= count < 0;
        return count;
    }

    @Override
    public void close() throws IOException {
        if (ended) {
            super.close();
        } else {
            connection.discardEndpoint();
        }
    }

    private static ClassicHttpResponse proceed(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        ClassicHttpResponse response = chain.proceed(request, scope);
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            response.setEntity(new HttpEntityWrapper(entity) {
                @Override
                public InputStream getContent() throws IOException {
                    return new AbandonableBody(super.getContent(), scope.execRuntime);
                }
            });
        }
        return response;
    }
}
