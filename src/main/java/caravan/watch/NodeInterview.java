package caravan.watch;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The questions a node is asked over JSON-RPC 2.0 before its database is captured, and what the answers mean: it must
 * be in sync and have peers, and what it calls finalized now will be in the copy.
 *
 * <p>One question at a time: {@link #isUnfinished}, {@link #question}, {@link #answer}, until {@link #facts}. Asking a
 * question again is safe. Not thread safe. The answers are those of a Substrate node.
 */
public final class NodeInterview {

    private static final int MAX_TEXT = 200;

    private final URI address;

    private final int minPeers;

    private final Map<String, Object> answers = new LinkedHashMap<>();

    private int timesNotReady;

    /**
     * An interview of the node at {@code address}.
     *
     * @param address its JSON-RPC over HTTP, for error messages
     * @param minPeers fewest peers with which it counts as connected
     */
    public NodeInterview(URI address, int minPeers) {
        this.address = address;
        this.minPeers = minPeers;
    }

    /** Where the questions go. */
    public String address() {
        return address.toString();
    }

    /** Whether there is a question left. */
    public boolean isUnfinished() {
        return answers.size() < Question.values().length;
    }

    /** How often the answer was that the node is not ready; the question is then the next one once more. */
    public int timesNotReady() {
        return timesNotReady;
    }

    /** The next question, as the JSON object to send. */
    public Map<String, Object> question() {
        Question next = next();
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("jsonrpc", "2.0");
        question.put("id", answers.size() + 1);
        question.put("method", next.method);
        question.put("params", parametersOf(next));
        return question;
    }

    /**
     * Takes the JSON object that came back for {@link #question}.
     *
     * @throws TransientException if the node is not in sync or has too few peers, which time may mend
     * @throws FailedException if it does not answer as a node does
     */
    public void answer(Map<String, Object> reply) throws CaravanException {
        Question asked = next();
        if (reply == null || !reply.containsKey("result") || reply.get("result") == null) {
            Object error = reply == null ? "nothing" : reply.getOrDefault("error", reply);
            throw new FailedException(
                    "asked the node at " + address + " for " + asked.method + ": it answered " + shortened(error),
                    "the rpc-url must be the JSON-RPC port of a Substrate node");
        }
        Object result = reply.get("result");
        if (!asked.form.isInstance(result)) {
            throw strange(asked, result);
        }
        if (asked == Question.HEALTH) {
            checkHealth((Map<?, ?>) result);
        }
        answers.put(asked.name(), result);
    }

    /**
     * What the answers say.
     *
     * @throws FailedException if the height is not a number
     */
    public NodeFacts facts() throws FailedException {
        Object number = ((Map<?, ?>) answers.get(Question.HEADER.name())).get("number");
        long height;
        try {
            height = Long.parseLong(String.valueOf(number).replaceFirst("^0x", ""), 16);
        } catch (NumberFormatException e) {
            throw strange(Question.HEADER, answers.get(Question.HEADER.name()));
        }
        return new NodeFacts(
                text(Question.CHAIN),
                text(Question.VERSION),
                text(Question.GENESIS),
                height,
                text(Question.FINALIZED),
                "rpc");
    }

    private void checkHealth(Map<?, ?> health) throws CaravanException {
        Object syncing = health.get("isSyncing");
        Object peers = health.get("peers");
        if (!(syncing instanceof Boolean isSyncing) || !(peers instanceof Number connected)) {
            throw strange(Question.HEALTH, health);
        }
        if (isSyncing) {
            timesNotReady++;
            throw new TransientException(
                    "asked the node at " + address + " whether it is in sync: it is still syncing",
                    "a copy of a node that is behind is of little use; publish when it has caught up");
        }
        boolean needsPeers = !Boolean.FALSE.equals(health.get("shouldHavePeers"));
        if (needsPeers && connected.longValue() < minPeers) {
            timesNotReady++;
            throw new TransientException(
                    "asked the node at " + address + " for its peers: it has " + peers + ", fewer than " + minPeers,
                    "caravan.database.<name>.min-peers sets the floor");
        }
    }

    private List<Object> parametersOf(Question question) {
        return switch (question) {
            case GENESIS -> List.of(0);
            case HEADER -> List.of(answers.get(Question.FINALIZED.name()));
            case HEALTH, CHAIN, VERSION, FINALIZED -> List.of();
        };
    }

    private Question next() {
        return Question.values()[answers.size()];
    }

    private String text(Question question) {
        return shortened(answers.get(question.name()));
    }

    private FailedException strange(Question asked, Object result) {
        return new FailedException(
                "asked the node at " + address + " for " + asked.method + ": cannot make sense of " + shortened(result),
                "the rpc-url must be the JSON-RPC port of a Substrate node");
    }

    /** Answers go into messages and signed records, so they are short and on one line. */
    private static String shortened(Object value) {
        String text = String.valueOf(value).replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
    }

    private enum Question {
        HEALTH("system_health", Map.class),
        CHAIN("system_chain", String.class),
        VERSION("system_version", String.class),
        GENESIS("chain_getBlockHash", String.class),
        FINALIZED("chain_getFinalizedHead", String.class),
        HEADER("chain_getHeader", Map.class);

        private final String method;

        private final Class<?> form;

        Question(String method, Class<?> form) {
            this.method = method;
            this.form = form;
        }
    }
}
