package caravan.restore.source;

import caravan.crypto.TlsSockets;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** The HTTP client as we need it: connections kept, everything clever turned off. */
public final class HttpConnections {

    /** Of the addresses of a host, within the patience with it: one that does not answer leaves time for others. */
    private static final int TURNS = 4;

    private HttpConnections() {}

    /**
     * A client that keeps up to {@code connections} connections and gives up waiting after {@code patience}, and an address
     * that does not let it connect after a quarter of that.
     */
    static CloseableHttpClient open(int connections, Duration patience, List<Path> authorities)
            throws WrongUsageException {
        Timeout timeout = Timeout.of(patience);
        ConnectionConfig connection = ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(patience.dividedBy(TURNS)))
                .setSocketTimeout(timeout)
                .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                .build();
        RequestConfig request = RequestConfig.custom()
                .setResponseTimeout(timeout)
                .setConnectionRequestTimeout(timeout)
                .setProtocolUpgradeEnabled(false)
                .build();
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setMaxConnTotal(connections)
                        .setMaxConnPerRoute(connections)
                        .setDefaultConnectionConfig(connection)
                        .setTlsSocketStrategy(tls(authorities))
                        .build())
                .setDefaultRequestConfig(request)
                .setUserAgent("caravan")
                .disableRedirectHandling()
                .disableContentCompression()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .build();
    }

    /** TLS that trusts what {@code authorities} certify, or the platform if there are none. */
    public static TlsSocketStrategy tls(List<Path> authorities) throws WrongUsageException {
        return TlsSockets.trusting(authorities.isEmpty() ? null : trusting(authorities));
    }

    private static TrustManager[] trusting(List<Path> authorities) throws WrongUsageException {
        try {
            return managersFor(authorities);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has key stores in memory", e);
        }
    }

    private static TrustManager[] managersFor(List<Path> authorities)
            throws WrongUsageException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        load(store);
        for (Path file : authorities) {
            try (InputStream in = Files.newInputStream(file)) {
                int count = 0;
                for (Certificate certificate :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    store.setCertificateEntry(file + "#" + count, certificate);
                    count++;
                }
                if (count == 0) {
                    throw new IOException("it holds no certificate");
                }
            } catch (IOException | CertificateException e) {
                throw new WrongUsageException(
                        "authority file " + file + " cannot be used: " + e, "give a PEM file with certificates", e);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static void load(KeyStore empty) throws GeneralSecurityException {
        try {
            empty.load(null, null);
        } catch (IOException e) {
            throw new AssertionError("nothing is read", e);
        }
    }
}
