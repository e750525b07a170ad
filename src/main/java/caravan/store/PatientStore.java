package caravan.store;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * A store whose calls wait for the brake and are tried again while it is busy. Routes use it without attempts of its
 * own, since their policies own the retries; what happens before there are routes uses it with some. Where nothing
 * answers it gives up at once: at the start that is a wrong address more often than a store that is down.
 */
public final class PatientStore implements ObjectStore {

    private final ObjectStore store;
    private final Brake brake;
    private final int attempts;

    /**
     * Calls {@code store}.
     *
     * @param brake says how long to wait
     * @param attempts how often a call that failed is tried again; 0 to leave that, and what the failure means for the
     *     brake, to the caller
     */
    public PatientStore(ObjectStore store, Brake brake, int attempts) {
        this.store = requireNonNull(store, "store");
        this.brake = requireNonNull(brake, "brake");
        this.attempts = attempts;
    }

    @Override
    public Optional<ObjectHead> head(String key) throws CaravanException {
        return patiently(() -> store.head(key));
    }

    @Override
    public Optional<StoredObject> read(String key, int limitBytes) throws CaravanException {
        return patiently(() -> store.read(key, limitBytes));
    }

    @Override
    public Optional<OpenObject> open(String key) throws CaravanException {
        return patiently(() -> store.open(key));
    }

    @Override
    public CreateOutcome create(String key, Content content) throws CaravanException {
        return patiently(() -> store.create(key, content));
    }

    @Override
    public ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException {
        return patiently(() -> store.replace(key, content, etag));
    }

    @Override
    public void put(String key, Content content) throws CaravanException {
        patiently(() -> {
            store.put(key, content);
            return true;
        });
    }

    @Override
    public CreateOutcome compose(String key, Composition composition) throws CaravanException {
        return patiently(() -> store.compose(key, composition));
    }

    @Override
    public ObjectPage list(String folder, Optional<String> page) throws CaravanException {
        return patiently(() -> store.list(folder, page));
    }

    @Override
    public void remove(String key) throws CaravanException {
        patiently(() -> {
            store.remove(key);
            return true;
        });
    }

    private interface Call<T> {
        T make() throws CaravanException;
    }

    private <T> T patiently(Call<T> call) throws CaravanException {
        for (int failed = 0; ; failed++) {
            try {
                brake.await(failed);
                T answer = call.make();
                brake.succeeded();
                return answer;
            } catch (TransientException e) {
                if (failed == attempts
                        || isUnreachable(e)
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                brake.failed(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransientException(
                        "waited for the store: interrupted", "it was stopped from outside; run it again", e);
            }
        }
    }

    private static boolean isUnreachable(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof ConnectException || at instanceof UnknownHostException) {
                return true;
            }
        }
        return false;
    }
}
