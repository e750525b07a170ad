package caravan.locals3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.aws.S3Clients;
import caravan.aws.S3ObjectStore;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** The local S3 as its own process. */
@Timeout(60)
final class LocalS3CommandTest {

    private static final Content CONTENT = Content.of("x".getBytes(UTF_8), Content.OCTETS, CachePolicy.IMMUTABLE);

    @TempDir
    Path directory;

    @Test
    void whatItAcknowledgedOutlivesAKill() throws Exception {
        Path objects = directory.resolve("objects");
        Process first = start(objects.toString());
        try {
            assertThat(create(endpointOf(first))).isEqualTo(CreateOutcome.CREATED);
        } finally {
            first.destroyForcibly().waitFor();
        }

        Process second = start(objects.toString());
        try {
            assertThat(create(endpointOf(second))).isEqualTo(CreateOutcome.ALREADY_THERE);
        } finally {
            second.destroyForcibly().waitFor();
        }
    }

    @Test
    void takenPortEndsItWithOneLineAndAHint() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            Process process = start(directory.toString(), "--port", String.valueOf(taken.getLocalPort()));

            String said = new String(process.getErrorStream().readAllBytes(), UTF_8);

            assertThat(process.waitFor()).isEqualTo(75);
            assertThat(said.lines())
                    .containsExactly(
                            "cannot serve S3 at 127.0.0.1:" + taken.getLocalPort() + ": the port is taken",
                            "HINT: another server runs there; stop it or choose another port");
        }
    }

    @Test
    void directoryThatCannotBeOneEndsItWithOneLineAndAHint() throws Exception {
        Process process =
                start(Files.writeString(directory.resolve("file"), "x").toString());

        String said = new String(process.getErrorStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(said.lines()).hasSize(2).last().asString().startsWith("HINT: ");
    }

    private static Process start(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LocalS3Command.class.getName());
        builder.command().addAll(List.of(arguments));
        return builder.start();
    }

    private static URI endpointOf(Process process) throws IOException {
        BufferedReader output = process.inputReader(UTF_8);
        String line = output.readLine();
        assertThat(line).startsWith("endpoint http://127.0.0.1:");
        assertThat(output.readLine()).startsWith("public   http://127.0.0.1:").endsWith("/snapshots");
        return URI.create(line.substring("endpoint ".length()));
    }

    private static CreateOutcome create(URI endpoint) throws CaravanException {
        String key = LocalS3Command.USUAL_KEY;
        S3Settings settings = S3Settings.of(endpoint, "snapshots", "a", key, key);
        try (S3Client client = S3Clients.build(settings)) {
            return new S3ObjectStore(client, settings).create("b", CONTENT);
        }
    }
}
