package caravan.restore.source;

/**
 * Published objects by their path below one base.
 *
 * <p>Safe for use by many threads. Never retries. {@link #close} ends transfers that are under way: they fail.
 */
public interface ObjectSource extends AutoCloseable {

    /** Full name of the object, for people: a URL or a file. */
    String locate(String path);

    /**
     * Begins to read one object whole.
     *
     * @throws AttemptFailure unless it is there and may have the expected size
     */
    ObjectStream open(ObjectRequest request) throws AttemptFailure;

    /**
     * Size of the object without reading it; -1 if the server does not tell.
     *
     * @throws AttemptFailure unless it is there
     */
    long sizeOf(String path) throws AttemptFailure;

    @Override
    void close();
}
