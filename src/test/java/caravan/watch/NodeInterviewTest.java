package caravan.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeInterviewTest {

    private final NodeInterview interview = new NodeInterview(URI.create("http://127.0.0.1:9944"), 3);

    @Test
    void answersOfAHealthyNodeBecomeFacts() throws Exception {
        answer(Map.of("isSyncing", false, "peers", 3, "shouldHavePeers", true));
        answer("Polkadot");
        answer("1.20.0");
        answer("0xgenesis");
        answer("0xfinal");
        assertThat(interview.question())
                .containsEntry("method", "chain_getHeader")
                .containsEntry("params", List.of("0xfinal"));
        answer(Map.of("number", "0x165ec15"));

        assertThat(interview.isUnfinished()).isFalse();
        assertThat(interview.facts())
                .isEqualTo(new NodeFacts("Polkadot", "1.20.0", "0xgenesis", 23456789, "0xfinal", "rpc"));
    }

    @Test
    void nodeThatIsSyncingMayBeAskedAgainLater() {
        assertThatThrownBy(() -> answer(Map.of("isSyncing", true, "peers", 30)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("still syncing")
                .hasMessageContaining("http://127.0.0.1:9944");
    }

    @Test
    void nodeWithTooFewPeersMayBeAskedAgainLater() {
        assertThatThrownBy(() -> answer(Map.of("isSyncing", false, "peers", 2, "shouldHavePeers", true)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("it has 2, fewer than 3");
    }

    @Test
    void nodeThatNeedsNoPeersPassesWithoutAny() throws Exception {
        answer(Map.of("isSyncing", false, "peers", 0, "shouldHavePeers", false));

        assertThat(interview.question()).containsEntry("method", "system_chain");
    }

    @Test
    void errorOfTheNodeIsShown() {
        assertThatThrownBy(
                        () -> interview.answer(Map.of("error", Map.of("code", -32601, "message", "Method not found"))))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("system_health")
                .hasMessageContaining("Method not found");
    }

    @Test
    void answerOfAnotherFormIsNotTakenForAFact() throws Exception {
        answer(Map.of("isSyncing", false, "peers", 3));

        assertThatThrownBy(() -> answer(42)).isInstanceOf(FailedException.class).hasMessageContaining("system_chain");
    }

    @Test
    void healthWithoutItsFieldsIsNotHealth() {
        assertThatThrownBy(() -> answer(Map.of("ok", true))).isInstanceOf(FailedException.class);
    }

    @Test
    void longAnswerIsCutBeforeItGoesIntoARecord() throws Exception {
        answer(Map.of("isSyncing", false, "peers", 3));
        answer("x".repeat(100_000));
        answer("1");
        answer("0x0");
        answer("0x1");
        answer(Map.of("number", "0x1"));

        assertThat(interview.facts().chain()).hasSizeLessThan(300);
    }

    private void answer(Object result) throws CaravanException {
        Map<String, Object> reply = new HashMap<>();
        reply.put("jsonrpc", "2.0");
        reply.put("result", result);
        interview.answer(reply);
    }
}
