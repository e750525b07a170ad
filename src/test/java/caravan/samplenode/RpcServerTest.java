package caravan.samplenode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RpcServerTest {

    private static final long BEST = 100;
    private static final int OK = 200;
    private static final int METHOD_NOT_ALLOWED = 405;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final SampleChain chain = new SampleChain("test");

    private RpcServer server;

    @BeforeEach
    void startServer() throws Exception {
        server = RpcServer.start(0, new RpcMethods(chain, () -> BEST, true));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void tellsItsHealth() throws Exception {
        assertThat(result("system_health", "[]"))
                .isEqualTo(json.readTree("{\"peers\":8,\"isSyncing\":true,\"shouldHavePeers\":true}"));
        assertThat(result("system_chain", "[]").asText()).isEqualTo("Demo");
        assertThat(result("system_version", "[]").asText()).isNotBlank();
    }

    @Test
    void givesHeadersThatFormAChain() throws Exception {
        JsonNode header = result("chain_getHeader", "[]");

        assertThat(header.path("number").asText()).isEqualTo("0x64");
        assertThat(header.path("parentHash")).isEqualTo(result("chain_getBlockHash", "[99]"));
        JsonNode bestHash = result("chain_getBlockHash", "[]");
        assertThat(result("chain_getHeader", "[" + bestHash + "]")).isEqualTo(header);
        assertThat(result("chain_getBlockHash", "[null]")).isEqualTo(bestHash);
        assertThat(result("chain_getBlockHash", "[\"0x64\"]")).isEqualTo(bestHash);
    }

    @Test
    void finalizesAFewBlocksBehindTheBest() throws Exception {
        JsonNode finalized = result("chain_getFinalizedHead", "[]");

        assertThat(finalized).isEqualTo(result("chain_getBlockHash", "[97]"));
        assertThat(result("chain_getHeader", "[" + finalized + "]")
                        .path("number")
                        .asText())
                .isEqualTo("0x61");
    }

    @Test
    void startsFromAGenesisWithoutParent() throws Exception {
        JsonNode genesis = result("chain_getBlockHash", "[0]");

        assertThat(genesis.asText()).matches("0x[0-9a-f]{64}");
        assertThat(result("chain_getHeader", "[" + genesis + "]")
                        .path("parentHash")
                        .asText())
                .isEqualTo("0x" + "0".repeat(64));
    }

    @Test
    void answersNullForBlocksItDoesNotHave() throws Exception {
        assertThat(result("chain_getBlockHash", "[101]").isNull()).isTrue();
        assertThat(result("chain_getHeader", "[\"0x" + "ab".repeat(32) + "\"]").isNull())
                .isTrue();
    }

    @Test
    void answersMistakesWithJsonRpcErrors() throws Exception {
        assertThat(errorCode("{\"id\":1,\"method\":\"author_rotateKeys\"}")).isEqualTo(-32601);
        assertThat(errorCode("{\"id\":1,\"method\":\"chain_getBlockHash\",\"params\":[\"x\"]}"))
                .isEqualTo(-32602);
        assertThat(errorCode("{\"id\":1,\"method\":\"chain_getBlockHash\",\"params\":[-1]}"))
                .isEqualTo(-32602);
        assertThat(errorCode("{\"id\":1,\"method\":\"chain_getHeader\",\"params\":[7]}"))
                .isEqualTo(-32602);
        assertThat(errorCode("{\"id\":1}")).isEqualTo(-32600);
        assertThat(errorCode("[]")).isEqualTo(-32600);
        assertThat(errorCode("{")).isEqualTo(-32700);
        assertThat(errorCode("")).isEqualTo(-32700);
    }

    @Test
    void takesNothingButPost() throws Exception {
        HttpRequest get = HttpRequest.newBuilder(server.uri()).build();

        assertThat(http.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(METHOD_NOT_ALLOWED);
    }

    @Test
    void aTakenPortIsNamed() {
        assertThatThrownBy(() -> RpcServer.start(server.port(), new RpcMethods(chain, () -> BEST, false)))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(String.valueOf(server.port()));
    }

    private JsonNode result(String method, String parameters) throws Exception {
        String call = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + parameters + "}";
        JsonNode answer = post(call);
        assertThat(answer.path("id").asInt()).isEqualTo(7);
        assertThat(answer.has("error")).as("%s", answer).isFalse();
        return answer.get("result");
    }

    private int errorCode(String request) throws Exception {
        JsonNode answer = post(request);
        assertThat(answer.has("result")).as("%s", answer).isFalse();
        return answer.path("error").path("code").asInt();
    }

    private JsonNode post(String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.uri())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(OK);
        return json.readTree(response.body());
    }
}
