package caravan.samplenode;

import static java.util.Objects.requireNonNull;

import caravan.failure.FailedException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** JSON-RPC 2.0 over HTTP POST, on the loopback address only. One call per request; no batches. */
final class RpcServer implements AutoCloseable {

    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int OK = 200;

    private final ObjectMapper json = new ObjectMapper();
    private final RpcMethods methods;
    private final HttpServer server;

    private RpcServer(HttpServer server, RpcMethods methods) {
        this.server = server;
        this.methods = requireNonNull(methods, "methods");
    }

    /**
     * Listens on {@code port}, or on any free one if it is 0.
     *
     * @throws FailedException if the port is taken
     */
    static RpcServer start(int port, RpcMethods methods) throws FailedException {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            RpcServer rpc = new RpcServer(server, methods);
            server.createContext("/", rpc::handle);
            server.start();
            return rpc;
        } catch (IOException e) {
            throw new FailedException(
                    "listening on 127.0.0.1:" + port + " failed: " + e.getMessage(),
                    "another process has the port; --rpc-port 0 takes any free one",
                    e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] request = exchange.getRequestBody().readAllBytes();
            if (!exchange.getRequestMethod().equals("POST")) {
                exchange.sendResponseHeaders(METHOD_NOT_ALLOWED, -1);
                return;
            }
            byte[] answer = json.writeValueAsBytes(answer(request));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(OK, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private ObjectNode answer(byte[] request) throws IOException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
        JsonNode id = NullNode.getInstance();
        try {
            JsonNode call = parse(request);
            id = call.path("id").isMissingNode() ? id : call.get("id");
            JsonNode method = call.path("method");
            JsonNode parameters = call.path("params");
            if (!method.isTextual() || !(parameters.isArray() || parameters.isMissingNode() || parameters.isNull())) {
                throw new RpcErrorException(RpcErrorException.INVALID_REQUEST, "Invalid request");
            }
            answer.set("result", methods.call(method.textValue(), parameters));
        } catch (RpcErrorException e) {
            answer.putObject("error").put("code", e.code()).put("message", e.getMessage());
        }
        return answer.set("id", id);
    }

    private JsonNode parse(byte[] request) throws IOException, RpcErrorException {
        try {
            JsonNode call = json.readTree(request);
            if (!call.isMissingNode()) {
                return call;
            }
        } catch (JsonProcessingException e) {
            throw new RpcErrorException(RpcErrorException.PARSE_ERROR, "Parse error", e);
        }
        throw new RpcErrorException(RpcErrorException.PARSE_ERROR, "Parse error");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
