package caravan.samplenode;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Answers of a Substrate node to the calls a publisher makes, over a chain whose blocks are the batches. */
final class RpcMethods {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int PEERS = 8;

    private final SampleChain chain;
    private final LongSupplier bestHeight;
    private final boolean syncing;

    /** @param bestHeight must never give a height that is not committed yet */
    RpcMethods(SampleChain chain, LongSupplier bestHeight, boolean syncing) {
        this.chain = requireNonNull(chain, "chain");
        this.bestHeight = requireNonNull(bestHeight, "bestHeight");
        this.syncing = syncing;
    }

    /**
     * The result of one call.
     *
     * @param parameters an array, empty if the caller gave none
     * @throws RpcErrorException if the method is unknown or the parameters are not its
     */
    JsonNode call(String method, JsonNode parameters) throws RpcErrorException {
        return switch (method) {
            case "system_health" -> health();
            case "system_version" -> JSON.textNode("1.0.0-caravan-sample");
            case "system_chain" -> JSON.textNode("Demo");
            case "chain_getFinalizedHead" -> hashNode(chain.finalizedAt(bestHeight.getAsLong()));
            case "chain_getBlockHash" -> blockHash(parameters);
            case "chain_getHeader" -> header(parameters);
            default -> throw new RpcErrorException(RpcErrorException.METHOD_NOT_FOUND, "Method not found");
        };
    }

    private JsonNode health() {
        return JSON.objectNode().put("peers", PEERS).put("isSyncing", syncing).put("shouldHavePeers", true);
    }

    private JsonNode blockHash(JsonNode parameters) throws RpcErrorException {
        long best = bestHeight.getAsLong();
        long height = isAbsent(parameters.path(0)) ? best : number(parameters.get(0));
        return height > best ? JSON.nullNode() : hashNode(height);
    }

    private JsonNode header(JsonNode parameters) throws RpcErrorException {
        long best = bestHeight.getAsLong();
        OptionalLong height =
                isAbsent(parameters.path(0)) ? OptionalLong.of(best) : chain.heightOf(hash(parameters.get(0)));
        if (height.isEmpty() || height.getAsLong() > best) {
            return JSON.nullNode();
        }
        long number = height.getAsLong();
        ObjectNode header = JSON.objectNode();
        header.put("parentHash", number == 0 ? hex(new byte[SampleChain.HASH_BYTES]) : hex(chain.hash(number - 1)));
        header.put("number", "0x" + Long.toHexString(number));
        header.put("stateRoot", hex(chain.root("state", number)));
        header.put("extrinsicsRoot", hex(chain.root("extrinsics", number)));
        header.putObject("digest").putArray("logs");
        return header;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static long number(JsonNode node) throws RpcErrorException {
        try {
            long number = node.isTextual() ? Long.decode(node.textValue()) : node.longValue();
            if (number >= 0 && (node.isTextual() || node.isIntegralNumber())) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new RpcErrorException(RpcErrorException.INVALID_PARAMS, "Invalid params: not a number", e);
        }
        throw new RpcErrorException(RpcErrorException.INVALID_PARAMS, "Invalid params: not a number");
    }

    private static byte[] hash(JsonNode node) throws RpcErrorException {
        String text = node.asText();
        if (text.length() == 2 + 2 * SampleChain.HASH_BYTES && text.startsWith("0x")) {
            try {
                return HexFormat.of().parseHex(text, 2, text.length());
            } catch (IllegalArgumentException e) {
                throw new RpcErrorException(RpcErrorException.INVALID_PARAMS, "Invalid params: not a hash", e);
            }
        }
        throw new RpcErrorException(RpcErrorException.INVALID_PARAMS, "Invalid params: not a hash");
    }

    private JsonNode hashNode(long height) {
        return JSON.textNode(hex(chain.hash(height)));
    }

    private static String hex(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }
}
