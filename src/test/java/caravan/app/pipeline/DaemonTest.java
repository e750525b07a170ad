package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.settings.Settings;
import caravan.locals3.LocalS3;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A daemon that publishes, before and after somebody edits its routes. */
@Timeout(240)
class DaemonTest {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    @Test
    void publicationsGoOnAfterAnEditAndThePortStaysOpen() throws Exception {
        Path routes = Files.createDirectories(directory.resolve("home/routes"));
        try (DirectoryStream<Path> shipped = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
            for (Path file : shipped) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (LocalS3 s3 =
                LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY)) {
            SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "1MB");
            Publisher publisher = new Publisher(directory.resolve("publisher"), database, s3.endpoint(), "")
                    .set("caravan.http.port", String.valueOf(port));
            PublishedBucket bucket =
                    new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
            Installation installation = new Installation(directory.resolve("home"), publisher.environment());
            Settings settings = installation.settings();
            try (PipelineBeans beans = new PipelineBeans(installation, settings);
                    Daemon daemon = Daemon.load(installation, settings, beans, beans.probe())) {
                daemon.begin();
                trigger(publisher);
                await().atMost(LONG).until(() -> sequence(bucket) == 1);
                Path mark = directory.resolve("mark");
                Path file = routes.resolve("20-snapshot.camel.yaml");
                String first = "        - to:\n            id: to-begin-publication\n";
                String text = Files.readString(file);
                assertThat(text).contains(first);

                Files.writeString(file, text.replace(first, """
                        - to:
                            id: leave-a-mark
                            uri: file
                            parameters:
                              directoryName: %s
                              fileName: mark
                        """.formatted(mark).indent(8) + first));
                await().atMost(LONG).until(() -> {
                    assertThat(alive(port)).isEqualTo(200);
                    if (beans.desk().current().isPresent() && Files.notExists(mark)) {
                        trigger(publisher);
                    }
                    return Files.exists(mark);
                });

                long before = sequence(bucket);
                trigger(publisher);
                await().atMost(LONG).until(() -> sequence(bucket) > before);
            }
        }
    }

    private static void trigger(Publisher publisher) throws Exception {
        Path file = publisher.state().resolve("trigger").resolve("demo");
        if (Files.notExists(file)) {
            Files.createFile(file);
        }
    }

    private static long sequence(PublishedBucket bucket) throws Exception {
        return bucket.latest().map(latest -> latest.pointer().sequence()).orElse(0L);
    }

    private static int alive(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/observe/health/live"))
                                .timeout(Duration.ofSeconds(20))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
