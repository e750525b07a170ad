package caravan.app.command;

import static java.util.Objects.requireNonNull;

import caravan.app.pipeline.EdgeRoutes;
import caravan.app.pipeline.Installation;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.retain.EndedCollection;

/**
 * Whether a CDN has forgotten what a collection took away. What has not is no harm: nothing leads there any more.
 *
 * @param state for machines
 * @param fault what went wrong and what to do, in words; empty if nothing did
 */
record Caches(State state, String fault) {

    private static final Caches NOT_ASKED = new Caches(State.NOT_ASKED, "");

    Caches {
        requireNonNull(state, "state");
        requireNonNull(fault, "fault");
    }

    /** What became of the request. */
    enum State {
        /** There is no CDN, or no snapshot is gone. */
        NOT_ASKED,
        /** It has forgotten. */
        TOLD,
        /** It may not have. */
        FAILED
    }

    /** Lets the CDN of these settings forget, if there is one, and waits until it has. */
    static Caches after(EndedCollection collection, Installation installation, Settings settings) {
        if (collection.collected().snapshots().isEmpty() || !EdgeRoutes.areMeant(settings)) {
            return NOT_ASKED;
        }
        try (EdgeRoutes edge = EdgeRoutes.start(installation, settings)) {
            edge.forget(collection);
            return new Caches(State.TOLD, "");
        } catch (CaravanException e) {
            return new Caches(State.FAILED, e.getMessage() + " HINT: " + e.hint());
        }
    }
}
