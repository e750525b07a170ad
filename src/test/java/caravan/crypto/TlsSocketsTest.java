package caravan.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.aws.Certificates;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with Java's cipher and with the native one: whom it believes and what it carries. */
@Timeout(60)
final class TlsSocketsTest {

    private static final int BYTES = 3_000_017;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        Security.removeProvider(NativeCrypto.NAME);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyByteArrivesInBothDirections(boolean nativeCrypto) throws Exception {
        use(nativeCrypto);
        Certificates certificates = Certificates.selfSigned(directory, "localhost");
        byte[] bytes = new byte[BYTES];
        new Random(5).nextBytes(bytes);

        try (SSLServerSocket server = echoing(certificates);
                SSLSocket socket = connect(server, "localhost", trusting(certificates))) {
            threads.execute(() -> send(socket, bytes));

            assertThat(socket.getInputStream().readNBytes(BYTES)).isEqualTo(bytes);
            assertThat(socket.getSession().getCipherSuite()).contains("AES_128_GCM");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void certificateOfAnotherHostIsRefused(boolean nativeCrypto) throws Exception {
        use(nativeCrypto);
        Certificates certificates = Certificates.selfSigned(directory, "elsewhere.example");

        try (SSLServerSocket server = echoing(certificates)) {
            assertThatThrownBy(() -> connect(server, "localhost", trusting(certificates)))
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("localhost");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void certificateOfAnUnknownAuthorityIsRefused(boolean nativeCrypto) throws Exception {
        use(nativeCrypto);
        Certificates certificates = Certificates.selfSigned(directory, "localhost");
        Certificates others = Certificates.selfSigned(directory, "localhost");

        try (SSLServerSocket server = echoing(certificates)) {
            assertThatThrownBy(() -> connect(server, "localhost", null)).isInstanceOf(SSLException.class);
            assertThatThrownBy(() -> connect(server, "localhost", trusting(others)))
                    .isInstanceOf(SSLException.class);
        }
    }

    private static void use(boolean nativeCrypto) {
        if (nativeCrypto) {
            NativeCrypto.install();
        }
    }

    private static SSLSocket connect(SSLServerSocket server, String host, TrustManager[] trusted) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
        try {
            return TlsSockets.trusting(trusted).upgrade(plain, host, server.getLocalPort(), null, null);
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private SSLServerSocket echoing(Certificates certificates) throws IOException {
        SSLServerSocket server = (SSLServerSocket) certificates
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        SSLParameters clientChooses = server.getSSLParameters();
        clientChooses.setUseCipherSuitesOrder(false);
        server.setSSLParameters(clientChooses);
        threads.execute(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().transferTo(socket.getOutputStream());
                } catch (IOException e) {
                    assertThat(e)
                            .as("a client that did not believe us, or the end of the test")
                            .isNotNull();
                }
            }
        });
        return server;
    }

    private static void send(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrustManager[] trusting(Certificates certificates) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(certificates.pem())) {
            store.setCertificateEntry(
                    "a", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
