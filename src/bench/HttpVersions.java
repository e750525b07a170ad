import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Reads numbered objects with the JDK's client over one version of HTTP, run by http-versions.sh as a single file: BASE
 * COUNT PARALLEL 1|2 AUTHORITY. Prints seconds, bytes and CPU seconds of this process.
 */
public final class HttpVersions {

    private HttpVersions() {}

    /** Reads them all once. */
    public static void main(String[] arguments) throws Exception {
        String base = arguments[0];
        int count = Integer.parseInt(arguments[1]);
        boolean two = arguments[3].equals("2");
        HttpClient client = HttpClient.newBuilder()
                .version(two ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
                .sslContext(trusting(arguments[4]))
                .build();
        AtomicInteger next = new AtomicInteger();
        LongAdder bytes = new LongAdder();
        AtomicInteger others = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        com.sun.management.OperatingSystemMXBean system =
                (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpuBefore = system.getProcessCpuTime(); // this file was compiled in this process
        long begin = System.nanoTime();
        for (int thread = 0; thread < Integer.parseInt(arguments[2]); thread++) {
            threads.add(new Thread(() -> {
                byte[] buffer = new byte[1 << 16];
                for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement()) {
                    HttpRequest request =
                            HttpRequest.newBuilder(URI.create(base + number)).build();
                    try {
                        HttpResponse<InputStream> answer =
                                client.send(request, HttpResponse.BodyHandlers.ofInputStream());
                        boolean asAsked = (answer.version() == HttpClient.Version.HTTP_2) == two;
                        others.addAndGet(asAsked && answer.statusCode() == 200 ? 0 : 1);
                        try (InputStream body = answer.body()) {
                            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                                bytes.add(read);
                            }
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (others.get() > 0) {
            throw new IllegalStateException(others.get() + " answers were not 200 or not of the version asked for");
        }
        double cpu = (system.getProcessCpuTime() - cpuBefore) / 1e9;
        System.out.printf(Locale.ROOT, "%.2f %d %.2f%n", seconds, bytes.sum(), cpu);
    }

    private static SSLContext trusting(String authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = java.nio.file.Files.newInputStream(java.nio.file.Path.of(authority))) {
            store.setCertificateEntry("bench", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
