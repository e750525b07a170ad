package caravan.aws;

import static java.util.Objects.requireNonNull;

import caravan.crypto.TlsSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import javax.net.ssl.TrustManager;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * The SDK's requests over the HTTP client that the rest of Caravan uses, with bodies that go out in whole TLS records.
 * The SDK's own client sends 4 KiB at a time, which for chunks of many megabytes costs more than their encryption.
 *
 * <p>One attempt per request, no redirects, no cookies; a proxy if system properties or the environment name one.
 */
final class StreamingHttpClient implements SdkHttpClient {

    /** What the HTTP client writes itself. */
    private static final Set<String> WRITTEN_ANYWAY =
            caseless(Set.of("Host", "Content-Length", "Transfer-Encoding", "Expect"));

    private final CloseableHttpClient client;

    private StreamingHttpClient(CloseableHttpClient client) {
        this.client = client;
    }

    /**
     * A builder as the SDK wants it.
     *
     * @param trusted whose certificates are believed; {@code null} for those of the platform
     * @param connections a last word on how connections are made
     */
    static Builder builder(
            S3Settings.Limits limits,
            TrustManager[] trusted,
            UnaryOperator<PoolingHttpClientConnectionManagerBuilder> connections) {
        return new Builder(limits, trusted, connections);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        SdkHttpRequest asked = request.httpRequest();
        HttpUriRequestBase http = new HttpUriRequestBase(asked.method().name(), asked.getUri());
        String query = asked.encodedQueryParameters().map(text -> "?" + text).orElse("");
        http.setPath((asked.encodedPath().isEmpty() ? "/" : asked.encodedPath()) + query);
        HttpHost host = hostOf(asked);
        http.setAuthority(new URIAuthority(host.getHostName(), host.getPort()));
        asked.forEachHeader((name, values) -> {
            if (!WRITTEN_ANYWAY.contains(name)) {
                values.forEach(value -> http.addHeader(name, value));
            }
        });
        request.contentStreamProvider().ifPresent(content -> http.setEntity(new Body(content, asked)));
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return answer(http, client.executeOpen(host, http, null));
            }

            @Override
            public void abort() {
                http.cancel();
            }
        };
    }

    /** The port only if it is not the usual one: so says the signature. */
    private static HttpHost hostOf(SdkHttpRequest asked) {
        int usual = asked.protocol().equalsIgnoreCase("https") ? 443 : 80;
        return new HttpHost(asked.protocol(), asked.host(), asked.port() == usual ? -1 : asked.port());
    }

    private static HttpExecuteResponse answer(HttpUriRequestBase request, ClassicHttpResponse response)
            throws IOException {
        SdkHttpResponse.Builder said =
                SdkHttpResponse.builder().statusCode(response.getCode()).statusText(response.getReasonPhrase());
        response.headerIterator().forEachRemaining(header -> said.appendHeader(header.getName(), header.getValue()));
        HttpExecuteResponse.Builder answer = HttpExecuteResponse.builder().response(said.build());
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            response.close();
        } else {
            answer.responseBody(AbortableInputStream.create(entity.getContent(), request::cancel));
        }
        return answer.build();
    }

    @Override
    public String clientName() {
        return "Streaming";
    }

    @Override
    public void close() {
        client.close(CloseMode.IMMEDIATE);
    }

    private static Set<String> caseless(Set<String> names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(names);
        return set;
    }

    /** What is sent. */
    private static final class Body extends AbstractHttpEntity {

        private static final int BUFFER_BYTES = 64 << 10;

        private final ContentStreamProvider content;
        private final long length;

        Body(ContentStreamProvider content, SdkHttpRequest asked) {
            super((String) null, null);
            this.content = content;
            this.length = asked.firstMatchingHeader(HttpHeaders.CONTENT_LENGTH)
                    .map(Long::parseLong)
                    .orElse(-1L);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            byte[] buffer = new byte[length < 0 ? BUFFER_BYTES : (int) Math.max(1, Math.min(BUFFER_BYTES, length))];
            long left = length < 0 ? Long.MAX_VALUE : length;
            try (InputStream in = content.newStream()) {
                while (left > 0) {
                    int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                    if (count < 0) {
                        break;
                    }
                    out.write(buffer, 0, count);
                    left -= count;
                }
            }
            if (length >= 0 && left > 0) {
                throw new IOException("the content ended " + left + " bytes before its length of " + length);
            }
        }

        @Override
        public InputStream getContent() {
            return content.newStream();
        }

        @Override
        public long getContentLength() {
            return length;
        }

        @Override
        public boolean isRepeatable() {
            return false;
        }

        @Override
        public boolean isStreaming() {
            return true;
        }

        @Override
        public void close() {
            // each stream is closed by whoever reads it
        }
    }

    /** Builds clients that belong to the S3 client they are built for. */
    @SuppressWarnings("ArrayRecordComponent") // two builders are never compared
    record Builder(
            S3Settings.Limits limits,
            TrustManager[] trusted,
            UnaryOperator<PoolingHttpClientConnectionManagerBuilder> connections)
            implements SdkHttpClient.Builder<Builder> {

        Builder {
            requireNonNull(limits, "limits");
            requireNonNull(connections, "connections");
        }

        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            Timeout idle = Timeout.of(limits.idle());
            EnvironmentProxies proxies = new EnvironmentProxies();
            PoolingHttpClientConnectionManagerBuilder pool = PoolingHttpClientConnectionManagerBuilder.create()
                    .setMaxConnTotal(limits.connections())
                    .setMaxConnPerRoute(limits.connections())
                    .setTlsSocketStrategy(TlsSockets.trusting(trusted))
                    .setDefaultSocketConfig(SocketConfig.custom()
                            .setSoTimeout(idle)
                            .setSoKeepAlive(true)
                            .build())
                    .setDefaultConnectionConfig(ConnectionConfig.custom()
                            .setConnectTimeout(Timeout.of(limits.connect()))
                            .setSocketTimeout(idle)
                            .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                            .build());
            return new StreamingHttpClient(HttpClients.custom()
                    .setConnectionManager(connections.apply(pool).build())
                    .setDefaultRequestConfig(RequestConfig.custom()
                            // A store that will refuse says so before the body is sent, and the connection stays
                            // usable.
                            .setExpectContinueEnabled(true)
                            .setConnectionRequestTimeout(idle)
                            .setResponseTimeout(idle)
                            .setProtocolUpgradeEnabled(false)
                            .build())
                    .setRoutePlanner(proxies)
                    .setDefaultCredentialsProvider(proxies)
                    .disableRedirectHandling()
                    .disableContentCompression()
                    .disableAutomaticRetries()
                    .disableCookieManagement()
                    .disableAuthCaching()
                    .disableConnectionState()
                    .disableDefaultUserAgent()
                    .build());
        }
    }
}
