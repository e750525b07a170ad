package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.FailureLines;
import caravan.app.warming.NginxEdges;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.warm.RegionState;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** caravan.cdn=purge and warming with real caches, set up as docs/operations.md says. They are Debian packages. */
@Timeout(180)
final class CachePurgeTest {

    private static final String HOST = "cdn.example.test";

    private LocalS3 server;

    private Publisher publisher;

    private Process cache;

    private int port;

    @TempDir
    Path directory;

    @BeforeEach
    void setUp() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        publisher = new Publisher(
                        directory.resolve("publisher"),
                        SampleDatabase.fill(directory.resolve("node"), "200KB"),
                        server.endpoint(),
                        "p")
                .set("caravan.public-url", "http://" + HOST + "/" + Publisher.BUCKET + "/p");
        port = NginxEdges.freePort();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (cache != null) {
            cache.destroy();
            cache.waitFor();
        }
        server.close();
    }

    @Test
    void varnishForgetsWhatAPublicationReplaced() throws Exception {
        Path program = installed("/usr/sbin/varnishd", "varnish");
        String vcl = block("vcl")
                .replace("10.0.0.1", "127.0.0.1")
                .replace("BUCKET-HOST", "127.0.0.1")
                .replace("BUCKET-PORT", Integer.toString(server.publicUrl().getPort()));
        Path file = Files.writeString(directory.resolve("edge.vcl"), vcl);
        start(
                program.toString(),
                "-F",
                "-j",
                "none",
                "-n",
                directory.resolve("varnish").toString(),
                "-a",
                "127.0.0.1:" + port,
                "-f",
                file.toString(),
                "-s",
                "malloc,32m");

        requireThatLatestIsNewAtOnce();
    }

    @Test
    void nginxFetchesAnewWhatAPublicationReplaced() throws Exception {
        Path program = installed("/usr/sbin/nginx", "nginx");
        String http = block("nginx")
                .replace("listen 127.0.0.1:80;", "listen 127.0.0.1:" + port + ";")
                .replace(
                        "https://BUCKET-HOST",
                        "http://127.0.0.1:" + server.publicUrl().getPort())
                .replace("/var/cache/nginx/caravan", directory.resolve("cache").toString())
                .replace(
                        "/run/caravan-again.sock",
                        directory.resolve("again.sock").toString())
                .replace("10.0.0.1", "127.0.0.1");
        Path file = Files.writeString(directory.resolve("nginx.conf"), """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events {}
                http {
                  access_log off;
                  client_body_temp_path %1$s/t1;
                  proxy_temp_path %1$s/t2;
                  fastcgi_temp_path %1$s/t3;
                  uwsgi_temp_path %1$s/t4;
                  scgi_temp_path %1$s/t5;
                %2$s
                }
                """.formatted(directory, http));
        start(program.toString(), "-p", directory.toString(), "-e", directory + "/error.log", "-c", file.toString());

        requireThatLatestIsNewAtOnce();
    }

    private void requireThatLatestIsNewAtOnce() throws Exception {
        publisher
                .set("caravan.warm.regions", "here")
                .set("caravan.warm.region.here.via", "edge:127.0.0.1:" + port)
                .set("caravan.warm.sample", "1000");
        Publication first = publisher.publish();
        requireColdThenWarm(first);
        publisher.leave("caravan.warm.regions").leave("caravan.warm.region.here.via");
        assertThat(latest()).contains(first.snapshot().toString());

        publisher.publish();
        assertThat(latest()).as("it is kept").contains(first.snapshot().toString());

        publisher.set("caravan.cdn", "purge").set("caravan.purge.addresses", "http://127.0.0.1:" + port);
        try (FailureLines log = new FailureLines()) {
            Publication third = publisher.publish();

            assertThat(log.failures()).isEmpty();
            assertThat(latest()).contains(third.snapshot().toString());
        }
    }

    /** Each chunk was missed once, and then was there. */
    private void requireColdThenWarm(Publication publication) throws Exception {
        String name = BucketPaths.ofSnapshot(PublishedBucket.DATABASE, publication.snapshot(), BucketPaths.REGIONS);
        Path file =
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve("p").resolve(name);
        assertThat(RegionsFormat.read(Files.readAllBytes(file), name).regions())
                .singleElement()
                .satisfies(region -> {
                    assertThat(region.state()).as("%s", region).isEqualTo(RegionState.OK);
                    assertThat(region.cold().objects()).isPositive();
                    assertThat(region.cold().hitRatio()).isZero();
                    assertThat(region.warm().objects()).isEqualTo(region.cold().objects());
                    assertThat(region.warm().hitRatio()).isEqualTo(1);
                });
    }

    private String latest() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            String request = "GET /" + Publisher.BUCKET + "/p/demo/latest HTTP/1.1\r\nHost: " + HOST
                    + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200");
            return answer;
        }
    }

    private void start(String... command) throws IOException {
        cache = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("cache.log").toFile())
                .start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreException(ConnectException.class)
                .until(() -> {
                    assertThat(cache.isAlive())
                            .as(() -> logOf(directory.resolve("cache.log")))
                            .isTrue();
                    new Socket(InetAddress.getLoopbackAddress(), port).close();
                    return true;
                });
    }

    /** What stands between the lines {@code ```<language>} and {@code ```} of the manual, so that it is right. */
    private static String block(String language) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("docs/operations.md"));
        int begin = lines.indexOf("```" + language);
        assertThat(begin).as("block of " + language).isNotNegative();
        List<String> rest = lines.subList(begin + 1, lines.size());
        return String.join("\n", rest.subList(0, rest.indexOf("```"))) + "\n";
    }

    private static Path installed(String program, String debianPackage) {
        assumeTrue(
                Files.isExecutable(Path.of(program)),
                program + " is not installed (Debian package " + debianPackage + ")");
        return Path.of(program);
    }

    private static String logOf(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
