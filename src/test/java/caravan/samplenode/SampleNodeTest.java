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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node process each time, stopped and killed as operators and accidents do. */
class SampleNodeTest {

    private static final int SIGTERM_STATUS = 143;
    private static final int METHOD_NOT_ALLOWED = 405;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

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
    void slidesItsWindowOnceItIsFull() throws Exception {
        try (RunningSampleNode node = RunningSampleNode.start(
                base, Profile.TORTURE, "--initial-bytes", "40MB", "--once", "--stop-after-batches", "2000")) {
            assertThat(node.awaitEnd()).isZero();

            SampleDatabaseState state = check(node.fullStore());
            assertThat(state.head()).isEqualTo(node.startHeight() + 2_000);
            assertThat(state.keys()).isLessThan(state.head() * 13);
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
    void answersWhatAPublisherAsks() throws Exception {
        try (RunningSampleNode node =
                RunningSampleNode.start(base, Profile.DEMO, "--initial-bytes", "1MB", "--batches-per-second", "0")) {
            long best = node.startHeight();
            assertThat(result(node, "system_health", "[]"))
                    .isEqualTo(json.readTree("{\"peers\":8,\"isSyncing\":false,\"shouldHavePeers\":true}"));
            assertThat(result(node, "system_chain", "[]").asText()).isEqualTo("Demo");
            assertThat(result(node, "system_version", "[]").asText()).isNotBlank();

            JsonNode header = result(node, "chain_getHeader", "[]");
            assertThat(header.path("number").asText()).isEqualTo("0x" + Long.toHexString(best));
            assertThat(header.path("parentHash")).isEqualTo(result(node, "chain_getBlockHash", "[" + (best - 1) + "]"));
            JsonNode bestHash = result(node, "chain_getBlockHash", "[]");
            assertThat(result(node, "chain_getHeader", "[" + bestHash + "]")).isEqualTo(header);
            assertThat(result(node, "chain_getBlockHash", "[null]")).isEqualTo(bestHash);
            assertThat(result(node, "chain_getBlockHash", "[\"0x" + Long.toHexString(best) + "\"]"))
                    .isEqualTo(bestHash);

            JsonNode finalized = result(node, "chain_getFinalizedHead", "[]");
            assertThat(result(node, "chain_getHeader", "[" + finalized + "]")
                            .path("number")
                            .asText())
                    .isEqualTo("0x" + Long.toHexString(best - SampleChain.FINALITY_LAG));

            JsonNode genesis = result(node, "chain_getBlockHash", "[0]");
            assertThat(genesis.asText()).matches("0x[0-9a-f]{64}");
            assertThat(result(node, "chain_getHeader", "[" + genesis + "]")
                            .path("parentHash")
                            .asText())
                    .isEqualTo("0x" + "0".repeat(64));
        }
    }

    @Test
    void answersNullForBlocksItDoesNotHave() throws Exception {
        try (RunningSampleNode node =
                RunningSampleNode.start(base, Profile.DEMO, "--batches-per-second", "0", "--syncing")) {
            assertThat(result(node, "system_health", "[]").path("isSyncing").asBoolean())
                    .isTrue();
            assertThat(result(node, "chain_getBlockHash", "[1]").isNull()).isTrue();
            assertThat(result(node, "chain_getHeader", "[\"0x" + "ab".repeat(32) + "\"]")
                            .isNull())
                    .isTrue();
        }
    }

    @Test
    void answersMistakesWithJsonRpcErrors() throws Exception {
        try (RunningSampleNode node = RunningSampleNode.start(base, Profile.DEMO, "--batches-per-second", "0")) {
            assertThat(errorCode(node, "{\"id\":1,\"method\":\"author_rotateKeys\"}"))
                    .isEqualTo(-32601);
            assertThat(errorCode(node, "{\"id\":1,\"method\":\"chain_getBlockHash\",\"params\":[\"x\"]}"))
                    .isEqualTo(-32602);
            assertThat(errorCode(node, "{\"id\":1,\"method\":\"chain_getHeader\",\"params\":[7]}"))
                    .isEqualTo(-32602);
            assertThat(errorCode(node, "{\"id\":1}")).isEqualTo(-32600);
            assertThat(errorCode(node, "{")).isEqualTo(-32700);
            assertThat(errorCode(node, "")).isEqualTo(-32700);
            HttpRequest get = HttpRequest.newBuilder(node.rpcUrl()).build();
            assertThat(http.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
                    .isEqualTo(METHOD_NOT_ALLOWED);
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

    private JsonNode result(RunningSampleNode node, String method, String parameters) throws Exception {
        String call = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + parameters + "}";
        JsonNode answer = post(node.rpcUrl(), call);
        assertThat(answer.path("id").asInt()).isEqualTo(7);
        assertThat(answer.has("error")).as("%s", answer).isFalse();
        return answer.get("result");
    }

    private int errorCode(RunningSampleNode node, String request) throws Exception {
        JsonNode answer = post(node.rpcUrl(), request);
        assertThat(answer.has("result")).as("%s", answer).isFalse();
        return answer.path("error").path("code").asInt();
    }

    private JsonNode post(URI url, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return json.readTree(response.body());
    }
}
