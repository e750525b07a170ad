package caravan.aws;

import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Trust in the Java platform's certificates and in some more. */
final class TrustedCertificates {

    private TrustedCertificates() {}

    /**
     * Trust managers that believe what the platform believes and what {@code caFile} (PEM, one or more certificates)
     * certifies.
     */
    static TrustManager[] platformAnd(Path caFile) throws WrongUsageException {
        try {
            List<Certificate> trusted = new ArrayList<>(platform());
            trusted.addAll(read(caFile));
            return managersFor(storeOf(trusted));
        } catch (IOException | GeneralSecurityException e) {
            throw new WrongUsageException(
                    "cannot take certificates from " + caFile + ": " + e,
                    "caravan.s3.ca-file names a PEM file, which begins with -----BEGIN CERTIFICATE-----",
                    e);
        }
    }

    private static List<X509Certificate> platform() throws GeneralSecurityException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (TrustManager manager : managersFor(null)) {
            if (manager instanceof X509TrustManager platform) {
                certificates.addAll(List.of(platform.getAcceptedIssuers()));
            }
        }
        return certificates;
    }

    private static List<Certificate> read(Path caFile) throws IOException, GeneralSecurityException {
        try (InputStream pem = Files.newInputStream(caFile)) {
            List<Certificate> certificates =
                    List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(pem));
            if (certificates.isEmpty()) {
                throw new IOException("it holds no certificate");
            }
            return certificates;
        }
    }

    /** {@code null} stands for the platform's own store. */
    private static TrustManager[] managersFor(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore storeOf(List<Certificate> certificates) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int at = 0; at < certificates.size(); at++) {
            store.setCertificateEntry("ca-" + at, certificates.get(at));
        }
        return store;
    }
}
