package caravan.app.reload;

import caravan.failure.CaravanException;
import java.time.Instant;

/**
 * All routes of an installation, loaded together and checked. Two of them exist while an edit is applied, of which one
 * runs, so loading must take nothing that only one can have, such as a port.
 */
public interface RouteSet extends AutoCloseable {

    /** Starts the routes. */
    void begin() throws CaravanException;

    /**
     * Lets nothing begin any more, if nothing is under way; otherwise everything goes on as before.
     *
     * @return whether nothing is under way
     */
    boolean pause();

    /**
     * Makes up for the times of schedules that passed after {@code since}, when no set of routes ran: what would have
     * been started then is started once, now. To be called when this set has begun.
     */
    void makeUpFor(Instant since);

    /** Goes on after a {@link #pause}. A time of a schedule that passed meanwhile is not lost. */
    void resume() throws CaravanException;

    @Override
    void close();

    /** Loads the route files as they are now. */
    @FunctionalInterface
    interface Loader {

        /**
         * Routes that have not begun yet.
         *
         * @throws CaravanException if they are not right, with file and line
         */
        RouteSet load() throws CaravanException;
    }
}
