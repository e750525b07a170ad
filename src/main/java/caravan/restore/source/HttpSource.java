package caravan.restore.source;

import static java.util.Objects.requireNonNull;

import caravan.failure.WrongUsageException;
import caravan.restore.source.AttemptFailure.Kind;
import caravan.restore.source.StallWatch.Transfer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.StringJoiner;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpHead;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.MessageHeaders;
import org.apache.hc.core5.io.CloseMode;

/**
 * Published objects behind HTTP(S). Whole objects only: a range would make a CDN keep the pieces apart.
 *
 * <p>Follows no redirect, takes no cookie, sends no credential, and takes the bytes as they come: nothing is decoded.
 */
public final class HttpSource implements ObjectSource {

    /** Headers that tell which cache answered, for whoever has to find a damaged copy. */
    private static final String[] EVIDENCE = {"X-Cache", "X-Amz-Cf-Pop", "X-Amz-Cf-Id", "Via", "Age", "CF-Ray"};

    private static final int LONGEST_EVIDENCE = 300;

    private final String base;
    private final HttpHost host;
    private final CloseableHttpClient client;
    private final StallWatch stalls;

    /**
     * Connects when first asked for an object.
     *
     * @param base {@code http} or {@code https}, without a slash at the end
     * @param connections most connections at a time
     * @param patience how long a transfer may stand still
     * @param authorities PEM files of certificates to trust instead of the platform's
     * @throws WrongUsageException if one of {@code authorities} cannot be read
     */
    public HttpSource(URI base, int connections, Duration patience, List<Path> authorities) throws WrongUsageException {
        this.base = requireNonNull(base, "base").toString();
        this.host = HttpHost.create(base);
        this.client = HttpConnections.open(connections, patience, authorities);
        this.stalls = new StallWatch(patience);
    }

    @Override
    public String locate(String path) {
        return base + "/" + path;
    }

    @Override
    public ObjectStream open(ObjectRequest request) throws AttemptFailure {
        String url = locate(request.path());
        HttpGet get = new HttpGet(request.bypass() == 0 ? url : url + "?caravan-retry=" + request.bypass());
        Transfer transfer = stalls.begin(get::cancel);
        try {
            ClassicHttpResponse response = execute("GET " + url, get, transfer);
            HttpEntity entity = entityOf(url, response);
            long length = entity.getContentLength();
            if (length >= 0 && !request.allows(length)) {
                throw new AttemptFailure(
                        Kind.DAMAGED,
                        "GET " + url + " answered with " + length + " bytes, expected " + request.expectation()
                                + brackets(evidenceOf(response)),
                        "a cache or a proxy on the way changed the object, or it was replaced at its origin",
                        null);
            }
            return new HttpStream(request, url, get, response, entity.getContent(), transfer);
        } catch (IOException e) {
            get.cancel();
            transfer.close();
            throw failureOf("GET " + url, e, transfer);
        }
    }

    @Override
    public long sizeOf(String path) throws AttemptFailure {
        String url = locate(path);
        HttpHead head = new HttpHead(url);
        Transfer transfer = stalls.begin(head::cancel);
        try (transfer;
                ClassicHttpResponse response = execute("HEAD " + url, head, transfer)) {
            Header length = response.getFirstHeader(HttpHeaders.CONTENT_LENGTH);
            return length == null ? -1 : Long.parseLong(length.getValue().trim());
        } catch (IOException e) {
            throw failureOf("HEAD " + url, e, transfer);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        stalls.close();
        client.close(CloseMode.IMMEDIATE);
    }

    private ClassicHttpResponse execute(String what, HttpUriRequestBase request, Transfer transfer) throws IOException {
        request.setHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
        transfer.waits();
        ClassicHttpResponse response = answerTo(request);
        transfer.got(0);
        if (response.getCode() != HttpStatus.SC_OK) {
            AttemptFailure failure = HttpAnswers.failureOf(what, response);
            drop(request, response);
            throw failure;
        }
        return response;
    }

    private ClassicHttpResponse answerTo(HttpUriRequestBase request) throws IOException {
        try {
            return client.executeOpen(host, request, null);
        } catch (IllegalStateException e) {
            if (!request.isCancelled()) {
                throw e;
            }
            // So the library says that the request was given up while it was connecting.
            throw new IOException("given up while connecting", e);
        }
    }

    private static HttpEntity entityOf(String url, ClassicHttpResponse response) throws AttemptFailure {
        Header encoding = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.getValue().equalsIgnoreCase("identity")) {
            throw new AttemptFailure(
                    Kind.DAMAGED,
                    "GET " + url + " answered with Content-Encoding " + encoding.getValue()
                            + ", though asked for the bytes as they are" + brackets(evidenceOf(response)),
                    "turn off compression for this path in the CDN or proxy",
                    null);
        }
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            throw new AttemptFailure(Kind.DAMAGED, "GET " + url + " answered without a body", "", null);
        }
        return entity;
    }

    /** Gives up an answer. To close it alone would read the rest of it; to cancel drops the connection. */
    private static void drop(HttpUriRequestBase request, ClassicHttpResponse response) {
        request.cancel();
        release(response);
    }

    private static void release(ClassicHttpResponse response) {
        try {
            response.close();
        } catch (IOException e) {
            // the connection is gone, which is all that closing is for
            return;
        }
    }

    private static AttemptFailure failureOf(String what, IOException failure, Transfer transfer) {
        if (transfer.hasStalled()) {
            return new AttemptFailure(
                    Kind.UNAVAILABLE, what + ": the server " + transfer.verdict(), "try again later", failure);
        }
        if (failure instanceof AttemptFailure known) {
            return known;
        }
        return HttpAnswers.failureOf(what, failure);
    }

    private static String brackets(String evidence) {
        return evidence.isEmpty() ? "" : " [" + evidence + "]";
    }

    private static String evidenceOf(MessageHeaders response) {
        StringJoiner evidence = new StringJoiner(", ");
        for (String name : EVIDENCE) {
            Header header = response.getFirstHeader(name);
            if (header != null) {
                evidence.add(name + ": " + header.getValue());
            }
        }
        String text = evidence.toString();
        return text.length() > LONGEST_EVIDENCE ? text.substring(0, LONGEST_EVIDENCE) : text;
    }

    private static final class HttpStream extends ObjectStream {

        private final HttpUriRequestBase request;
        private final ClassicHttpResponse response;
        private final Transfer transfer;
        private final String url;
        private boolean ended;

        HttpStream(
                ObjectRequest expected,
                String url,
                HttpUriRequestBase request,
                ClassicHttpResponse response,
                InputStream content,
                Transfer transfer) {
            super(expected, "GET " + url, content);
            this.url = url;
            this.request = request;
            this.response = response;
            this.transfer = transfer;
        }

        @Override
        public String evidence() {
            return evidenceOf(response);
        }

        @Override
        int readContent(InputStream from, byte[] buffer, int offset, int length) throws IOException {
            transfer.waits();
            int count = from.read(buffer, offset, length);
            transfer.got(Math.max(0, count));
            ended = count < 0;
            return count;
        }

        @Override
        AttemptFailure failureOf(IOException failure, long bytesRead) {
            return HttpSource.failureOf("GET " + url + " after " + bytesRead + " bytes", failure, transfer);
        }

        @Override
        public void close() {
            transfer.close();
            if (ended) {
                release(response);
            } else {
                drop(request, response);
            }
        }
    }
}
