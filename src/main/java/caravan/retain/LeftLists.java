package caravan.retain;

import caravan.failure.CaravanException;
import caravan.publish.DigestList;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.store.ObjectStore;
import java.util.Optional;
import java.util.Set;

/** The lists of chunks that one collection leaves for the next. */
final class LeftLists {

    private final ObjectStore store;

    LeftLists(ObjectStore store) {
        this.store = store;
    }

    /** What nothing needed when it was written; none if there is no such list. */
    Optional<Set<Digest>> candidates() throws CaravanException {
        return at(BucketPaths.candidates());
    }

    /** What a collection is deleting, or was when it ended; none if there is no such list. */
    Optional<Set<Digest>> condemned() throws CaravanException {
        return at(BucketPaths.condemned());
    }

    private Optional<Set<Digest>> at(String path) throws CaravanException {
        return DigestList.read(
                store, path, "look who writes to the bucket; remove it, and the next collection begins anew");
    }
}
