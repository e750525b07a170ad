package caravan.retain;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.store.Composition;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectHead;
import caravan.store.ObjectPage;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.ReplaceOutcome;
import caravan.store.StoredObject;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A store of which no call is made any more once the program was told to stop. What is under way ends as it does. */
record StoppableStore(ObjectStore store, BooleanSupplier stopped) implements ObjectStore {

    /** Fails if the program was told to stop. */
    static void requireGoing(BooleanSupplier stopped) throws TransientException {
        if (stopped.getAsBoolean()) {
            throw new TransientException(
                    "collect: the program was told to stop", "the next collection goes on with what is left");
        }
    }

    @Override
    public Optional<ObjectHead> head(String key) throws CaravanException {
        requireGoing(stopped);
        return store.head(key);
    }

    @Override
    public Optional<StoredObject> read(String key, int limitBytes) throws CaravanException {
        requireGoing(stopped);
        return store.read(key, limitBytes);
    }

    @Override
    public Optional<OpenObject> open(String key) throws CaravanException {
        requireGoing(stopped);
        return store.open(key);
    }

    @Override
    public CreateOutcome create(String key, Content content) throws CaravanException {
        requireGoing(stopped);
        return store.create(key, content);
    }

    @Override
    public ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException {
        requireGoing(stopped);
        return store.replace(key, content, etag);
    }

    @Override
    public void put(String key, Content content) throws CaravanException {
        requireGoing(stopped);
        store.put(key, content);
    }

    @Override
    public CreateOutcome compose(String key, Composition composition) throws CaravanException {
        requireGoing(stopped);
        return store.compose(key, composition);
    }

    @Override
    public ObjectPage list(String folder, Optional<String> page) throws CaravanException {
        requireGoing(stopped);
        return store.list(folder, page);
    }

    @Override
    public void remove(String key) throws CaravanException {
        requireGoing(stopped);
        store.remove(key);
    }
}
