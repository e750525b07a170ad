package caravan.samplenode;

/** A call that is answered with a JSON-RPC error instead of a result. */
final class RpcErrorException extends Exception {

    static final int PARSE_ERROR = -32700;
    static final int INVALID_REQUEST = -32600;
    static final int METHOD_NOT_FOUND = -32601;
    static final int INVALID_PARAMS = -32602;

    private static final long serialVersionUID = 1L;

    private final int code;

    RpcErrorException(int code, String message) {
        this(code, message, null);
    }

    RpcErrorException(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    int code() {
        return code;
    }
}
