package caravan.warm;

import static java.util.Objects.requireNonNull;

/**
 * One object that came whole.
 *
 * @param bytes of it
 * @param answer what the edge said
 * @param firstByteNanos from the request to the first byte
 */
public record Observation(long bytes, EdgeAnswer answer, long firstByteNanos) {

    /** Checks that nothing is null. */
    public Observation {
        requireNonNull(answer, "answer");
    }
}
