package caravan.restore.source;

import static java.util.Objects.requireNonNull;

/**
 * What one source has delivered so far.
 *
 * @param name its base, a URL or a directory
 * @param bytes that came from it, those of failed attempts included
 * @param objects that came whole and right
 * @param failures attempts that failed
 * @param bytesPerSecond on one connection, while we waited for it; 0 if nothing came
 * @param state whether it is asked
 * @param remark what is wrong with it, or how an attempt failed last, for people; empty if nothing did
 */
public record SourceReport(
        String name, long bytes, long objects, long failures, long bytesPerSecond, State state, String remark) {

    /** Whether a source is asked. */
    public enum State {
        /** As the others. */
        USED,
        /** For a while only if no other has the object: it did not answer several times. */
        RESTING,
        /** No more. */
        DROPPED
    }

    /** Checks that all is there. */
    public SourceReport {
        requireNonNull(name, "name");
        requireNonNull(state, "state");
        requireNonNull(remark, "remark");
    }
}
