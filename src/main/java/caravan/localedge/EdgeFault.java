package caravan.localedge;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What is wrong with an edge, for tests of those who use it. */
public sealed interface EdgeFault {

    /** Nothing. */
    EdgeFault NONE = new None();

    /** It answers as it should. */
    record None() implements EdgeFault {}

    /** It takes connections and closes them without a word. */
    record Dead() implements EdgeFault {}

    /**
     * It is in no hurry.
     *
     * @param beforeEach time before each answer
     */
    record Slow(Duration beforeEach) implements EdgeFault {

        public Slow {
            requireNonNull(beforeEach, "beforeEach");
        }
    }

    /**
     * It closes the connection in the middle of a body.
     *
     * @param after bytes that still come through
     */
    record Truncating(long after) implements EdgeFault {}

    /** Its disk is rotten: the first byte of each body is another. */
    record Corrupting() implements EdgeFault {}

    /**
     * It answers with an error of its own.
     *
     * @param status of HTTP
     */
    record Failing(int status) implements EdgeFault {}
}
