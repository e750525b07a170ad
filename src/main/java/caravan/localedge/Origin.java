package caravan.localedge;

import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpHead;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** The server in front of which an edge stands, as far away as its {@link Distance}. */
final class Origin implements AutoCloseable {

    // As long as CloudFront waits for an origin, for the connection and for each read.
    private static final Timeout CONNECT = Timeout.ofSeconds(10);

    private static final Timeout SILENCE = Timeout.ofSeconds(30);

    private static final int CONNECTIONS = 200;

    private final URI uri;

    private final Distance distance;

    private final TrafficCounter traffic;

    private final CloseableHttpClient client;

    Origin(URI uri, Distance distance, TrafficCounter traffic) {
        this.uri = uri;
        this.distance = distance;
        this.traffic = traffic;
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(CONNECTIONS)
                        .setMaxConnPerRoute(CONNECTIONS)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT)
                                .setSocketTimeout(SILENCE)
                                .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setResponseTimeout(SILENCE)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent("Amazon CloudFront")
                .disableRedirectHandling()
                .disableContentCompression()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
    }

    /**
     * Asks for an object.
     *
     * @param path of the request, without its query
     * @param etag of what the edge has already
     */
    Answer get(String path, Optional<String> etag) throws IOException, InterruptedException {
        HttpGet get = new HttpGet(addressOf(path));
        etag.ifPresent(value -> get.setHeader("If-None-Match", value));
        return send(get);
    }

    /** Asks for the head of an object. */
    AnswerHead head(String path) throws IOException, InterruptedException {
        try (Answer answer = send(new HttpHead(addressOf(path)))) {
            return answer.head();
        }
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    private URI addressOf(String path) {
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path);
    }

    private Answer send(HttpUriRequestBase request) throws IOException, InterruptedException {
        traffic.askedOrigin();
        Waiting.REAL.sleep(distance.roundTrip().toNanos());
        return new Answer(client.executeOpen(null, request, null));
    }

    /** An answer whose body has not been read yet. */
    final class Answer implements AutoCloseable {

        private final ClassicHttpResponse response;

        private final InputStream content;

        private final RateLimit rate;

        private Answer(ClassicHttpResponse response) throws IOException {
            this.response = response;
            HttpEntity entity = response.getEntity();
            this.content = entity == null ? InputStream.nullInputStream() : entity.getContent();
            this.rate = distance.bytesPerSecond() == 0
                    ? RateLimit.unlimited()
                    : RateLimit.of(distance.bytesPerSecond(), Waiting.REAL);
        }

        AnswerHead head() {
            List<Map.Entry<String, String>> headers = new ArrayList<>();
            for (Header header : response.getHeaders()) {
                headers.add(Map.entry(header.getName(), header.getValue() == null ? "" : header.getValue()));
            }
            Header length = response.getFirstHeader("Content-Length");
            return new AnswerHead(
                    response.getCode(),
                    headers,
                    length == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(length.getValue())));
        }

        /**
         * Reads what there is of the body, at the origin's pace.
         *
         * @return how many bytes; below 0 at the end
         * @throws IOException if the body ends before it should
         */
        int read(byte[] into) throws IOException, InterruptedException {
            int count = content.read(into);
            if (count > 0) {
                traffic.received(count);
                rate.take(count);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            response.close();
        }
    }
}
