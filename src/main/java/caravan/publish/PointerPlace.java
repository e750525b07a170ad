package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.signature.SignedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectStore;
import caravan.store.ReplaceOutcome;
import caravan.store.StoredObject;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where {@code latest} of a database stands. What is put there is read at once, since a store may check nothing, and a
 * pointer that nobody can verify would keep everybody from restoring; it is put again then.
 */
final class PointerPlace {

    private static final Logger LOG = LoggerFactory.getLogger(PointerPlace.class);

    private static final int TRIES = 4;

    private final ObjectStore store;

    private final PublishedHistory history;

    PointerPlace(ObjectStore store, PublishedHistory history) {
        this.store = store;
        this.history = history;
    }

    /** Whether {@code latest} was not there, and is now. */
    boolean create(DatabaseName database, Content note) throws CaravanException {
        boolean created = store.create(BucketPaths.latest(database), note) == CreateOutcome.CREATED;
        if (created) {
            requireRight(database, note);
        }
        return created;
    }

    /** Whether {@code latest} was what {@code etag} says, and was replaced. */
    boolean replace(DatabaseName database, Content note, String etag) throws CaravanException {
        boolean replaced = store.replace(BucketPaths.latest(database), note, etag) == ReplaceOutcome.REPLACED;
        if (replaced) {
            requireRight(database, note);
        }
        return replaced;
    }

    /** Any pointer that verifies is right: another publisher may have moved it on since. */
    private void requireRight(DatabaseName database, Content note) throws CaravanException {
        String path = BucketPaths.latest(database);
        for (int attempt = 1; ; attempt++) {
            Optional<StoredObject> found = store.read(path, SignedNote.MAX_BYTES);
            if (found.isEmpty()) {
                return;
            }
            try {
                history.pointerIn(found.get().bytes(), database, path);
                return;
            } catch (DamagedException e) {
                if (attempt == TRIES) {
                    throw new DamagedException(
                            "read back " + path + ": it was stored " + TRIES + " times and is damaged each time",
                            "do not use this store, or this way to it; put the latest of before back",
                            e);
                }
                LOG.warn("{} was damaged on the way or by the store, and is stored again", path);
                store.replace(path, note, found.get().etag());
            }
        }
    }
}
