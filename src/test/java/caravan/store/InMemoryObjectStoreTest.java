package caravan.store;

/** The store of other tests keeps the promises of a real one. */
final class InMemoryObjectStoreTest extends ObjectStoreContract {

    @Override
    protected ObjectStore store() {
        return new InMemoryObjectStore();
    }
}
