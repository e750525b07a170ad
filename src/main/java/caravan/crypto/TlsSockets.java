package caravan.crypto;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Comparator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HttpsSupport;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;

/** TLS for connections that carry many gigabytes. */
public final class TlsSockets {

    private TlsSockets() {}

    /**
     * TLS to servers whose certificate is for the name that was asked for, and certified by who is trusted.
     *
     * <p>AES-128 first: what is moved is public and hashed anyway, and the shorter key saves a tenth of the processor
     * time of TLS.
     *
     * @param trusted who is trusted; {@code null} for whom the Java platform trusts
     */
    public static TlsSocketStrategy trusting(TrustManager[] trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted, null);
            String[] suites = context.getDefaultSSLParameters().getCipherSuites();
            Arrays.sort(suites, Comparator.comparing(suite -> !suite.contains("AES_128_GCM")));
            TlsSocketStrategy tls = new DefaultClientTlsStrategy(
                    context, null, suites, SSLBufferMode.STATIC, HttpsSupport.getDefaultHostnameVerifier());
            return (socket, host, port, attachment, http) ->
                    tls.upgrade(new ReadAheadSocket(socket), host, port, attachment, http);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has TLS", e);
        }
    }
}
