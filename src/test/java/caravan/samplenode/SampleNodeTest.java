package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.samplenode.SampleDatabaseCheck.OpenMode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node process each time, stopped and killed as operators and accidents do. */
class SampleNodeTest {

    private static final int SIGTERM_STATUS = 143;

    @TempDir
    private Path base;

    @Test
    void holdsItsInvariantAfterACleanStopAndGoesOnFromItsHead() throws Exception {
        long firstHead;
        try (RunningSampleNode node = RunningSampleNode.start(base, Profile.TORTURE)) {
            assertThat(node.startHeight()).isZero();
            awaitHead(node, 500);
            node.stop();
            assertThat(node.awaitEnd()).isEqualTo(SIGTERM_STATUS);
            firstHead = node.acknowledgedHead();
            assertThat(check(node.fullStore()).head()).isEqualTo(firstHead);
            assertThat(check(node.parachainsStore()).head()).isPositive();
        }

        try (RunningSampleNode again = RunningSampleNode.start(base, Profile.TORTURE)) {
            assertThat(again.startHeight()).isEqualTo(firstHead);
            awaitHead(again, firstHead + 100);
            again.stop();
            assertThat(check(again.fullStore()).head()).isEqualTo(again.acknowledgedHead());
        }
    }

    @Test
    void losesNothingAcknowledgedToKillNine() throws Exception {
        long acknowledged = 0;
        for (int round = 1; round <= 3; round++) {
            try (RunningSampleNode node = RunningSampleNode.start(base, Profile.TORTURE)) {
                assertThat(node.startHeight()).isGreaterThanOrEqualTo(acknowledged);
                awaitHead(node, node.startHeight() + 300);
                node.kill9();
                acknowledged = node.acknowledgedHead();

                // One batch may be in the database and not yet acknowledged.
                assertThat(check(node.fullStore()).head()).isBetween(acknowledged, acknowledged + 1);
                assertThat(check(node.parachainsStore()).head()).isPositive();
            }
        }
    }

    @Test
    void fillsItsDatabaseToTheSizeAskedForAndEnds() throws Exception {
        try (RunningSampleNode node =
                RunningSampleNode.start(base, Profile.DEMO, "--initial-bytes", "32MB", "--once")) {
            assertThat(node.awaitEnd()).isZero();

            assertThat(check(node.fullStore()).head()).isEqualTo(node.startHeight());
            assertThat(bytesOfTables(node.fullStore())).isBetween(30_000_000L, 34_000_000L);
        }
    }

    @Test
    void endsAfterTheBatchesAskedFor() throws Exception {
        try (RunningSampleNode node =
                RunningSampleNode.start(base, Profile.TORTURE, "--once", "--stop-after-batches", "200")) {
            assertThat(node.awaitEnd()).isZero();

            assertThat(check(node.fullStore()).head()).isEqualTo(200);
        }
    }

    @Test
    void writesTheFilesOfANode() throws Exception {
        try (RunningSampleNode node = RunningSampleNode.start(base, Profile.DEMO, "--once")) {
            assertThat(node.awaitEnd()).isZero();

            assertThat(node.fullStore().resolve("CURRENT")).exists();
            assertThat(node.fullStore().resolve("db_version")).hasContent("4");
            assertThat(node.parachainsStore().resolve("CURRENT")).exists();
            assertThat(node.databaseRoot().resolve("network/secret_ed25519"))
                    .content()
                    .hasSize(32)
                    .contains(BaseDirectory.SECRET_MARK);
            assertThat(node.databaseRoot().resolve("keystore")).isNotEmptyDirectory();
            assertThat(base.resolve("rpc-port"))
                    .hasContent(String.valueOf(node.rpcUrl().getPort()));
        }
    }

    @Test
    void aSecondNodeOnTheSameBaseIsRefusedInOneLine() throws Exception {
        try (RunningSampleNode node = RunningSampleNode.start(base, Profile.DEMO)) {
            Process second = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            // rocksdbjni loads its library; newer Java would say so first
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            SampleNode.class.getName(),
                            "--base-path",
                            base.toString())
                    .redirectErrorStream(true)
                    .start();
            List<String> output = new String(second.getInputStream().readAllBytes(), UTF_8)
                    .lines()
                    .toList();

            assertThat(second.waitFor()).isEqualTo(1);
            assertThat(output).hasSize(2);
            assertThat(output.get(0)).startsWith("opening the sample store " + node.fullStore() + " failed");
            assertThat(output.get(1)).startsWith("HINT: ");
            assertThat(node.isAlive()).isTrue();
        }
    }

    @Test
    void finalizesOnlyWhatItsDatabaseHolds() throws Exception {
        try (RunningSampleNode node = RunningSampleNode.start(base, Profile.TORTURE, "--syncing")) {
            awaitHead(node, 100);
            assertThat(post(node.rpcUrl(), "system_health", "[]")
                            .path("isSyncing")
                            .asBoolean())
                    .isTrue();
            JsonNode finalized = post(node.rpcUrl(), "chain_getFinalizedHead", "[]");
            JsonNode header = post(node.rpcUrl(), "chain_getHeader", "[" + finalized + "]");
            node.kill9();

            long finalizedHeight = Long.decode(header.path("number").asText());
            assertThat(finalizedHeight).isBetween(90L, node.acknowledgedHead());
            assertThat(check(node.fullStore()).head()).isGreaterThanOrEqualTo(finalizedHeight);
        }
    }

    private static SampleDatabaseState check(Path store) throws Exception {
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(OpenMode.READ_ONLY)) {
            return check.check(store);
        }
    }

    private static void awaitHead(RunningSampleNode node, long height) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> node.acknowledgedHead() >= height);
    }

    private static long bytesOfTables(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static JsonNode post(URI url, String method, String parameters) throws IOException, InterruptedException {
        String call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + parameters + "}";
        HttpRequest request = HttpRequest.newBuilder(url)
                .POST(HttpRequest.BodyPublishers.ofString(call))
                .build();
        HttpResponse<byte[]> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
        return new ObjectMapper().readTree(response.body()).get("result");
    }
}
