package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What came of a {@link WarmJob}.
 *
 * @param job its name
 * @param came objects that came whole
 * @param missed objects that did not; what is in neither list was not asked for
 */
public record WarmResult(String job, List<Came> came, List<Missed> missed) {

    /** Checks the name and the number of objects. */
    public WarmResult {
        came = List.copyOf(came);
        missed = List.copyOf(missed);
        if (!WarmJob.ID.matcher(job).matches()) {
            throw new IllegalArgumentException("a job is called by a UUID");
        }
        if (came.size() > WarmJob.MAX_ITEMS || missed.size() > WarmJob.MAX_ITEMS) {
            throw new IllegalArgumentException("a job has at most " + WarmJob.MAX_ITEMS + " objects");
        }
    }

    /**
     * An object that came whole.
     *
     * @param index in the publisher's plan
     * @param answer what the edge said
     * @param firstByteMicros from the request to the first byte
     */
    public record Came(long index, EdgeAnswer answer, long firstByteMicros) {

        /** Checks that nothing is null. */
        public Came {
            requireNonNull(answer, "answer");
        }
    }

    /**
     * An object that did not come.
     *
     * @param index in the publisher's plan
     * @param pop that answered; empty if it said none or there was no answer
     * @param what was wrong
     * @param bytes that came all the same
     */
    public record Missed(long index, String pop, String what, long bytes) {

        /** Checks that nothing is null. */
        public Missed {
            requireNonNull(pop, "pop");
            requireNonNull(what, "what");
        }
    }
}
