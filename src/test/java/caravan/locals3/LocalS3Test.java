package caravan.locals3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.aws.S3Clients;
import caravan.aws.S3ObjectStore;
import caravan.aws.S3Settings;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.store.CachePolicy;
import caravan.store.Content;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

final class LocalS3Test {

    private static final String CHUNK = "chunks/ab/ab3f000000000000000000000000000000000000000000000000000000000000";

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path directory;

    @Test
    void everybodyMayReadWhatWasPublishedWithItsHeaders() throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            put(server, CHUNK, "0123456789");

            HttpResponse<String> whole = get(server.publicUrl() + "/polkadot-main/" + CHUNK);
            HttpResponse<String> part = http.send(
                    HttpRequest.newBuilder(URI.create(server.publicUrl() + "/polkadot-main/" + CHUNK))
                            .header("Range", "bytes=2-4")
                            .build(),
                    BodyHandlers.ofString());

            assertThat(whole.statusCode()).isEqualTo(200);
            assertThat(whole.body()).isEqualTo("0123456789");
            assertThat(whole.headers().firstValue("cache-control")).hasValue(CachePolicy.IMMUTABLE.header());
            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.body()).isEqualTo("234");
            assertThat(get(server.publicUrl() + "/polkadot-main/nothing").statusCode())
                    .isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "POST"})
    void publicOriginChangesNothing(String method) throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            put(server, CHUNK, "content");

            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(server.publicUrl() + "/polkadot-main/" + CHUNK))
                            .method(method, BodyPublishers.ofString("other"))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400);
            assertThat(get(server.publicUrl() + "/polkadot-main/" + CHUNK).body())
                    .isEqualTo("content");
        }
    }

    @Test
    void publicOriginDoesNotTellWhatThereIs() throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            put(server, CHUNK, "content");

            HttpResponse<String> listing = get(server.publicUrl() + "/?list-type=2");

            assertThat(listing.statusCode()).isGreaterThanOrEqualTo(400);
            assertThat(listing.body()).doesNotContain("chunks");
        }
    }

    @Test
    void nobodyWritesWithoutKeys() throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(server.endpoint().resolve("/snapshots/x"))
                            .PUT(BodyPublishers.ofString("x"))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(403);
        }
    }

    @Test
    void objectsOutliveTheServer() throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            put(server, CHUNK, "content");
        }

        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            assertThat(get(server.publicUrl() + "/polkadot-main/" + CHUNK).body())
                    .isEqualTo("content");
        }
    }

    @Test
    void whatAKilledServerLeftHalfWrittenIsGoneAfterTheNextStart() throws Exception {
        Path chunks = Files.createDirectories(directory.resolve("snapshots/polkadot-main/chunks/ab"));
        Path half = Files.writeString(chunks.resolve("ab3f-064ab86a-7f0e-4c7e-9d4e-1b2c3d4e5f60"), "half");
        Path session = Files.writeString(chunks.resolve("064ab86a-7f0e-4c7e-9d4e-1b2c3d4e5f60"), "whole");

        LocalS3.start(directory, "snapshots", "key", "secret").close();

        assertThat(half).doesNotExist();
        assertThat(session).exists();
    }

    @Test
    void takenPortIsSaidInOneLine() throws Exception {
        try (LocalS3 server = LocalS3.start(directory, "snapshots", "key", "secret")) {
            int taken = server.endpoint().getPort();

            assertThatThrownBy(() -> LocalS3.start(
                            new LocalS3.Setup(directory.resolve("b"), taken, 0, "snapshots", "key", "secret")))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("127.0.0.1:" + taken);
        }
    }

    @Test
    void directoryThatIsAFileIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "x");

        assertThatThrownBy(() -> LocalS3.start(file, "snapshots", "key", "secret"))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void secretIsNotInTheTextForm() {
        assertThat(new LocalS3.Setup(directory, 0, 0, "snapshots", "key", "hidden-word").toString())
                .doesNotContain("hidden-word");
    }

    private HttpResponse<String> get(String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
    }

    private static void put(LocalS3 server, String key, String text) throws Exception {
        S3Settings settings = S3Settings.of(server.endpoint(), "snapshots", "polkadot-main", "key", "secret");
        try (S3Client client = S3Clients.build(settings)) {
            new S3ObjectStore(client, settings)
                    .put(key, Content.of(text.getBytes(UTF_8), Content.OCTETS, CachePolicy.IMMUTABLE));
        }
    }
}
