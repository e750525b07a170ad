package caravan.app.warming;

import caravan.failure.WrongUsageException;
import caravan.restore.source.HttpConnections;
import caravan.warm.Vantage;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The connections through which one region is reached, and what makes an HTTP client use them. Bean {@code
 * warmClient-<region>}.
 */
public final class VantageClient implements HttpClientConfigurer, AutoCloseable {

    private final Vantage vantage;

    private final PoolingHttpClientConnectionManager connections;

    private final RequestConfig request;

    private final Runnable forgetAddresses;

    /**
     * Connections through {@code vantage}; none is made yet.
     *
     * @param most connections at once
     * @param authorities PEM files to trust instead of the platform's own certificates; empty for those
     */
    public VantageClient(
            Vantage vantage, int most, Duration connectTimeout, Duration idleTimeout, List<Path> authorities)
            throws WrongUsageException {
        this.vantage = vantage;
        PoolingHttpClientConnectionManagerBuilder builder = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnTotal(most)
                .setMaxConnPerRoute(most)
                .setTlsSocketStrategy(HttpConnections.tls(authorities))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(connectTimeout))
                        .setSocketTimeout(Timeout.of(idleTimeout))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                        .build());
        this.forgetAddresses = reach(vantage, builder);
        this.connections = builder.build();
        this.request = RequestConfig.custom()
                .setResponseTimeout(Timeout.of(idleTimeout))
                .setConnectionRequestTimeout(Timeout.of(connectTimeout.plus(idleTimeout)))
                .setProtocolUpgradeEnabled(false)
                .build();
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        client.setConnectionManager(connections)
                .setConnectionManagerShared(true)
                .setDefaultRequestConfig(request)
                .setUserAgent("caravan-warm")
                .addExecInterceptorFirst("abandonable-body", AbandonableBody.everywhere())
                .disableRedirectHandling()
                .disableContentCompression()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState();
        if (vantage instanceof Vantage.Proxy proxy && !proxy.isSocks()) {
            URI address = proxy.address();
            client.setProxy(new HttpHost("http", address.getHost(), address.getPort()));
            // Some proxies end a connection after an answer without saying so; a tunnel is not theirs to end.
            client.setConnectionReuseStrategy((sent, answer, context) ->
                    HttpClientContext.cast(context).getHttpRoute().isSecure()
                            && DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(sent, answer, context));
        }
    }

    /** Begins anew: names are resolved again, and connections are made again. */
    public void renew() {
        forgetAddresses.run();
        connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
    }

    /** Drops every connection at once, also those in use. */
    @Override
    public void close() {
        connections.close(CloseMode.IMMEDIATE);
    }

    /** Sets up how hosts are found; gives what forgets them. */
    private static Runnable reach(Vantage vantage, PoolingHttpClientConnectionManagerBuilder builder) {
        if (vantage instanceof Vantage.Edge edge) {
            PinnedDoors doors = new PinnedDoors(edge.doors());
            builder.setDnsResolver(doors);
            return doors::forget;
        }
        if (vantage instanceof Vantage.Proxy proxy && proxy.isSocks()) {
            URI address = proxy.address();
            builder.setDnsResolver(new ProxyResolves());
            builder.setDefaultSocketConfig(SocketConfig.custom()
                    .setSocksProxyAddress(new InetSocketAddress(address.getHost(), address.getPort()))
                    .build());
        }
        return () -> {};
    }
}
