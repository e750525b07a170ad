package caravan.retain;

import caravan.failure.CaravanException;
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

/** A store of which each call waits for its turn. */
record TurnedStore(ObjectStore store, Turn turn) implements ObjectStore {

    /** Returns when the next call may be made. */
    @FunctionalInterface
    interface Turn {
        void await();
    }

    @Override
    public Optional<ObjectHead> head(String key) throws CaravanException {
        turn.await();
        return store.head(key);
    }

    @Override
    public Optional<StoredObject> read(String key, int limitBytes) throws CaravanException {
        turn.await();
        return store.read(key, limitBytes);
    }

    @Override
    public Optional<OpenObject> open(String key) throws CaravanException {
        turn.await();
        return store.open(key);
    }

    @Override
    public CreateOutcome create(String key, Content content) throws CaravanException {
        turn.await();
        return store.create(key, content);
    }

    @Override
    public ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException {
        turn.await();
        return store.replace(key, content, etag);
    }

    @Override
    public void put(String key, Content content) throws CaravanException {
        turn.await();
        store.put(key, content);
    }

    @Override
    public CreateOutcome compose(String key, Composition composition) throws CaravanException {
        turn.await();
        return store.compose(key, composition);
    }

    @Override
    public ObjectPage list(String folder, Optional<String> page) throws CaravanException {
        turn.await();
        return store.list(folder, page);
    }

    @Override
    public void remove(String key) throws CaravanException {
        turn.await();
        store.remove(key);
    }
}
