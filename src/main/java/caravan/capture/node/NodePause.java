package caravan.capture.node;

import caravan.failure.CaravanException;
import java.time.Duration;

/**
 * One time during which a node stands still. Everything that takes long is done before: {@link #begin} comes last, then
 * as little as possible, then {@link #end}. Not thread-safe.
 */
public interface NodePause extends AutoCloseable {

    /**
     * Holds the node still. When this returns, none of its threads runs and none will before {@link #end}, unless the
     * longest pause is over first, of which {@link #end} tells.
     */
    void begin() throws CaravanException;

    /**
     * Lets the node go on and waits until it does.
     *
     * @return how long it stood still, at most
     * @throws CaravanException if it did not stand still all the time, so that what was taken is worth nothing, or if
     *     it does not go on
     */
    Duration end() throws CaravanException;

    /** Lets the node go on if {@link #end} was not reached. Doing it again is harmless. */
    @Override
    void close() throws CaravanException;
}
