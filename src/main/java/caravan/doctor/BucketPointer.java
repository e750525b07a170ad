package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.publish.PublishedHistory;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.util.Optional;

/** {@code latest} of a database as the bucket has it. It is read once, for all who ask. Safe for many threads. */
public final class BucketPointer {

    private final ObjectStore store;

    private final TrustedKeys trusted;

    private final DatabaseName database;

    private Optional<Answer> answer = Optional.empty();

    /** Of {@code database} in {@code store}; nothing is read yet. */
    public BucketPointer(ObjectStore store, TrustedKeys trusted, DatabaseName database) {
        this.store = store;
        this.trusted = trusted;
        this.database = database;
    }

    private record Answer(Optional<Pointer> pointer, Optional<CaravanException> failure) {}

    /** Whose it is. */
    public DatabaseName database() {
        return database;
    }

    /** What it says; nothing if there is none. */
    synchronized Optional<Pointer> read() throws CaravanException {
        if (answer.isEmpty()) {
            answer = Optional.of(ask());
        }
        if (answer.get().failure().isPresent()) {
            throw answer.get().failure().get();
        }
        return answer.get().pointer();
    }

    /** The same for who can do without; what is wrong with it, another examination says. */
    Optional<Pointer> readIfRight() {
        try {
            return read();
        } catch (CaravanException e) {
            return Optional.empty();
        }
    }

    /** Whether the bucket is known to have none. */
    public boolean isAbsent() {
        try {
            return read().isEmpty();
        } catch (CaravanException e) {
            return false;
        }
    }

    /**
     * Reads a pointer.
     *
     * @param note as it is stored or served
     * @param what names it in a failure
     */
    Pointer verify(byte[] note, String what) throws CaravanException {
        return PublishedHistory.pointerIn(note, database, trusted, what);
    }

    private Answer ask() {
        String path = BucketPaths.latest(database);
        try {
            Optional<StoredObject> object = store.read(path, SignedNote.MAX_BYTES);
            return new Answer(
                    object.isEmpty()
                            ? Optional.empty()
                            : Optional.of(verify(object.get().bytes(), path + " in the bucket")),
                    Optional.empty());
        } catch (CaravanException e) {
            return new Answer(Optional.empty(), Optional.of(e));
        }
    }
}
