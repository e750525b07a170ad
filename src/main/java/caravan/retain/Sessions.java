package caravan.retain;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.publish.PublishedHistory;
import caravan.publish.SessionNote;
import caravan.snapshot.BucketPaths;
import caravan.store.ListedObject;
import caravan.store.ObjectPage;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Publications that may still rely on a chunk that no manifest names. */
final class Sessions {

    static final String FOLDER = BucketPaths.CONTROL + "/sessions/";

    /** A publisher knows the end of its session by its own clock. */
    private static final Duration MARGIN = Duration.ofDays(1);

    private static final int MAX_BYTES = 64 << 10;

    private final ObjectStore store;

    Sessions(ObjectStore store) {
        this.store = store;
    }

    /**
     * Those that have not ended, in words. What one that has ended made is in every listing that begins after this.
     *
     * @param now by the store's clock
     */
    List<String> alive(Instant now) throws CaravanException {
        List<String> alive = new ArrayList<>();
        Optional<String> page = Optional.empty();
        do {
            ObjectPage found = store.list(FOLDER, page);
            for (ListedObject session : found.objects()) {
                // A note is written at the begin and at the end; neither is later than this.
                if (!now.isAfter(over(session))) {
                    addIfAlive(session, alive);
                }
            }
            page = found.next();
        } while (page.isPresent());
        return alive;
    }

    private void addIfAlive(ListedObject session, List<String> alive) throws CaravanException {
        Optional<StoredObject> object = store.read(session.key(), MAX_BYTES);
        SessionNote note = SessionNote.read(
                object.orElseThrow(() -> new TransientException(
                                "read " + session.key() + ": it is listed, but cannot be read",
                                "whether that publication is under way is not known; may these keys read it?"))
                        .bytes(),
                session.key());
        if (!note.ended()) {
            alive.add(note.runId() + " of " + note.database() + ", which began at " + note.startedAt());
        }
    }

    /** From when on {@code session} says nothing any more, whatever is in it. */
    static Instant over(ListedObject session) {
        return session.storedAt().plus(PublishedHistory.SESSION_LIFETIME).plus(MARGIN);
    }
}
