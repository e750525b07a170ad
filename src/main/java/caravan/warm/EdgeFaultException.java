package caravan.warm;

/** An edge gave an answer that is of no use. Its message names region and POP. */
public final class EdgeFaultException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient WarmFault fault;

    private final boolean elsewhere;

    private EdgeFaultException(String region, WarmFault fault, boolean elsewhere, String hint) {
        super("warm " + region + ": " + fault + (hint.isEmpty() ? "" : " HINT: " + hint));
        this.fault = fault;
        this.elsewhere = elsewhere;
    }

    /** An answer with another status than 200. */
    static EdgeFaultException status(WarmTask task, EdgeAnswer answer, int status) {
        String hint = status == 403 || status == 404
                ? "the chunk is stored; look whether the edge keeps errors, and what it is allowed to read"
                : "";
        return of(task, answer, "status " + status, hint);
    }

    /** A body of the wrong length. */
    static EdgeFaultException length(WarmTask task, EdgeAnswer answer, long got) {
        String what = (got < task.object().size() ? "truncated: " + got : "more than")
                + (got < task.object().size() ? " of " : " ")
                + task.object().size() + " bytes";
        return of(task, answer, what, "a cache that keeps this must be told to forget the path");
    }

    /** A body of the right length and of other bytes. */
    static EdgeFaultException bytes(WarmTask task, EdgeAnswer answer) {
        return of(
                task,
                answer,
                WarmFault.WRONG_BYTES,
                "the edge has something else under this name: invalidate the path, and find out how it came there");
    }

    /** An answer of another place than was meant. */
    static EdgeFaultException elsewhere(WarmTask task, EdgeAnswer answer, String expected) {
        String said = answer.pop().isEmpty() ? "no POP" : answer.pop();
        return new EdgeFaultException(
                task.region().region().name(),
                new WarmFault(task.object().path(), answer.pop(), WarmFault.ELSEWHERE + said + ", not by " + expected),
                true,
                "caravan.warm.region.<name>.via must lead to the POP it expects");
    }

    /** What happened, for the report. */
    public WarmFault fault() {
        return fault;
    }

    /** Whether another place answered than the one that was meant. */
    public boolean isElsewhere() {
        return elsewhere;
    }

    private static EdgeFaultException of(WarmTask task, EdgeAnswer answer, String what, String hint) {
        return new EdgeFaultException(
                task.region().region().name(), new WarmFault(task.object().path(), answer.pop(), what), false, hint);
    }
}
