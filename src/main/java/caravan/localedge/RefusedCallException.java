package caravan.localedge;

/** A call of the API that is answered with an error. */
final class RefusedCallException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient ApiFault fault;

    RefusedCallException(ApiFault fault) {
        super(fault.code());
        this.fault = fault;
    }

    ApiFault fault() {
        return fault;
    }
}
