package caravan.app.warming;

/** Hears of the jobs of a worker. Called by many threads; must not block. */
@FunctionalInterface
public interface JobListener {

    /** What becomes of a job, or of a message that is none. */
    enum Outcome {
        /** Every object was asked for. */
        DONE,
        /** It had been done before, and was answered again. */
        REPEATED,
        /** Nobody waited for it any more. */
        LATE,
        /** It went to the dead letters. */
        BURIED
    }

    /**
     * A job is over.
     *
     * @param came objects that came whole
     * @param missed objects that did not
     * @param bytes that were read
     */
    void over(Outcome outcome, long came, long missed, long bytes);
}
