package caravan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.locals3.LocalS3;
import caravan.manifest.PointerFormat;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as it is installed: it publishes on its schedule, and goes when it is told to. */
class RunCommandIT {

    @TempDir
    Path directory;

    @Test
    void daemonPublishesOnItsScheduleAndLeavesNothingBehindWhenItIsStopped() throws Exception {
        Path key = directory.resolve("key");
        SigningKey.generate().write(key);
        Path log = directory.resolve("run.log");
        try (LocalS3 bucket = LocalS3.start(directory.resolve("s3"), "bucket", "us", "secret");
                RunningSampleNode node = RunningSampleNode.start(directory.resolve("node"), Profile.DEMO)) {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("caravan.home"), "bin", "caravan")
                            .toString(),
                    "run");
            builder.environment()
                    .putAll(Map.of(
                            "CARAVAN_DATABASES", "demo",
                            "CARAVAN_DATABASE_DEMO_DIRECTORY",
                                    node.databaseRoot().toString(),
                            "CARAVAN_DATABASE_DEMO_RPC_URL", node.rpcUrl().toString(),
                            "CARAVAN_DATABASE_DEMO_MIN_PEERS", "0",
                            "CARAVAN_DATABASE_DEMO_SCHEDULE", "0/2 * * * * ?",
                            "CARAVAN_S3_ENDPOINT", bucket.endpoint().toString(),
                            "CARAVAN_S3_BUCKET", "bucket",
                            "CARAVAN_S3_ACCESS_KEY", "us",
                            "CARAVAN_S3_SECRET_KEY", "secret",
                            "CARAVAN_SIGNING_KEY", key.toString()));
            builder.environment().put("CARAVAN_HTTP_PORT", "0");
            builder.environment()
                    .put("CARAVAN_STATE_DIRECTORY", directory.resolve("state").toString());
            Process daemon = builder.redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                await().atMost(Duration.ofSeconds(90))
                        .failFast(() -> !daemon.isAlive())
                        .until(() -> sequence(key) >= 2);

                Process second = builder.redirectOutput(
                                directory.resolve("second.log").toFile())
                        .start();
                try {
                    assertThat(second.waitFor(45, TimeUnit.SECONDS)).isTrue();
                    assertThat(second.exitValue()).isEqualTo(4);
                    assertThat(directory.resolve("second.log"))
                            .content()
                            .contains("another caravan run has it already");
                } finally {
                    second.destroyForcibly();
                }
                daemon.destroy();

                assertThat(daemon.waitFor(45, TimeUnit.SECONDS))
                        .as("ends in time")
                        .isTrue();
                assertThat(node.isAlive()).isTrue();
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> Files.notExists(node.databaseRoot().resolveSibling(".caravan-demo")));
            } finally {
                daemon.destroyForcibly();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError(Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "no log", e);
        }
    }

    private long sequence(Path key) throws Exception {
        Path latest = directory.resolve("s3/bucket/demo/latest");
        if (Files.notExists(latest)) {
            return 0;
        }
        TrustedKeys trusted = TrustedKeys.of(SigningKey.load(key).publicKey());
        return PointerFormat.read(
                        SignedNote.verify(Files.readAllBytes(latest), NoteKind.POINTER, trusted, "latest")
                                .line(),
                        "latest")
                .sequence();
    }
}
