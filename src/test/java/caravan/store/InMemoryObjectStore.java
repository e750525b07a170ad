package caravan.store;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import caravan.store.ObjectHead.Checksum;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store in memory that passes {@link ObjectStoreContract}, keeps copies of everything, remembers the order in which
 * keys were written, and fails on demand.
 */
public final class InMemoryObjectStore implements ObjectStore {

    /** Small, so that few objects are several pages. */
    private static final int PAGE = 3;

    private final Map<String, Entry> objects = new ConcurrentSkipListMap<>();
    private final List<String> written = new ArrayList<>();
    private final AtomicLong versions = new AtomicLong();
    private volatile Clock clock = Clock.systemUTC();
    private volatile Fault fault = (operation, key) -> Verdict.PASS;

    /** What happens to one call. */
    public enum Verdict {
        /** It is done. */
        PASS,
        /** It is not done and fails in a way that may pass. */
        FAIL,
        /** It is done, but its answer is lost. */
        LOSE_ANSWER
    }

    /** Decides about every call; {@code operation} is the name of the method. */
    @FunctionalInterface
    public interface Fault {
        Verdict decide(String operation, String key);
    }

    @SuppressWarnings("ArrayRecordComponent") // two entries are never compared
    private record Entry(byte[] bytes, String etag, Content content, Instant storedAt) {}

    /** Lets {@code fault} decide about every call from now on. */
    public InMemoryObjectStore failing(Fault fault) {
        this.fault = fault;
        return this;
    }

    /** Tells by {@code clock} from now on when objects are stored. */
    public InMemoryObjectStore at(Clock clock) {
        this.clock = clock;
        return this;
    }

    /** Keys of all successful writes so far, in order. */
    public synchronized List<String> writtenKeys() {
        return List.copyOf(written);
    }

    /** Everything that is stored, by key, as copies. */
    public synchronized Map<String, byte[]> objects() {
        Map<String, byte[]> copies = new ConcurrentSkipListMap<>();
        objects.forEach((key, entry) -> copies.put(key, entry.bytes().clone()));
        return copies;
    }

    /** Changes or plants an object behind everybody's back. */
    public synchronized void tamper(String key, byte[] bytes) {
        Content content = Content.of(bytes.clone(), Content.OCTETS, CachePolicy.IMMUTABLE);
        objects.put(key, new Entry(bytes.clone(), nextEtag(), content, clock.instant()));
    }

    /** Deletes an object behind everybody's back. */
    public synchronized void lose(String key) {
        objects.remove(key);
    }

    @Override
    public Optional<ObjectHead> head(String key) throws CaravanException {
        return find("head", key)
                .map(entry -> new ObjectHead(
                        entry.bytes().length,
                        entry.etag(),
                        new Checksum.Sha256(Digest.of(entry.bytes())),
                        entry.content().contentType(),
                        entry.content().cachePolicy().header()));
    }

    @Override
    public Optional<StoredObject> read(String key, int limitBytes) throws CaravanException {
        Optional<Entry> entry = find("read", key);
        if (entry.isPresent() && entry.get().bytes().length > limitBytes) {
            throw new DamagedException(key + " has more than " + limitBytes + " bytes", "");
        }
        return entry.map(found -> new StoredObject(found.bytes().clone(), found.etag()));
    }

    @Override
    public Optional<OpenObject> open(String key) throws CaravanException {
        return find("open", key)
                .map(found -> new OpenObject(
                        found.bytes().length,
                        found.etag(),
                        new ByteArrayInputStream(found.bytes().clone())));
    }

    @Override
    public CreateOutcome create(String key, Content content) throws CaravanException {
        byte[] bytes = bytesOf(content);
        Verdict verdict = verdict("create", key);
        CreateOutcome outcome;
        synchronized (this) {
            outcome = objects.containsKey(key) ? CreateOutcome.ALREADY_THERE : CreateOutcome.CREATED;
            if (outcome == CreateOutcome.CREATED) {
                store(key, bytes, content);
            }
        }
        answer(verdict, key);
        return outcome;
    }

    @Override
    public ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException {
        byte[] bytes = bytesOf(content);
        Verdict verdict = verdict("replace", key);
        ReplaceOutcome outcome;
        synchronized (this) {
            Entry there = objects.get(key);
            outcome = there != null && there.etag().equals(etag) ? ReplaceOutcome.REPLACED : ReplaceOutcome.CONFLICT;
            if (outcome == ReplaceOutcome.REPLACED) {
                store(key, bytes, content);
            }
        }
        answer(verdict, key);
        return outcome;
    }

    @Override
    public CreateOutcome compose(String key, Composition composition) throws CaravanException {
        Verdict verdict = verdict("compose", key);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        CreateOutcome outcome;
        synchronized (this) {
            for (Composition.Part part : composition.parts()) {
                Entry entry = objects.get(part.key());
                if (entry == null) {
                    throw new FailedException("compose " + key + ": " + part.key() + " is not there", "");
                }
                all.writeBytes(entry.bytes());
            }
            outcome = objects.containsKey(key) ? CreateOutcome.ALREADY_THERE : CreateOutcome.CREATED;
            if (outcome == CreateOutcome.CREATED) {
                byte[] bytes = all.toByteArray();
                store(key, bytes, Content.of(bytes, composition.contentType(), composition.cachePolicy()));
            }
        }
        answer(verdict, key);
        return outcome;
    }

    @Override
    public void put(String key, Content content) throws CaravanException {
        byte[] bytes = bytesOf(content);
        Verdict verdict = verdict("put", key);
        synchronized (this) {
            store(key, bytes, content);
        }
        answer(verdict, key);
    }

    @Override
    public ObjectPage list(String folder, Optional<String> page) throws CaravanException {
        String after = page.orElse("");
        Verdict verdict = verdict("list", folder.isEmpty() ? "all" : folder.substring(0, folder.length() - 1));
        List<ListedObject> found = new ArrayList<>();
        boolean more = false;
        synchronized (this) {
            for (Map.Entry<String, Entry> each : objects.entrySet()) {
                if (each.getKey().startsWith(folder) && each.getKey().compareTo(after) > 0) {
                    more = found.size() == PAGE;
                    if (more) {
                        break;
                    }
                    Entry entry = each.getValue();
                    found.add(new ListedObject(each.getKey(), entry.bytes().length, entry.storedAt()));
                }
            }
        }
        answer(verdict, folder);
        return new ObjectPage(found, more ? Optional.of(found.get(PAGE - 1).key()) : Optional.empty());
    }

    @Override
    public void remove(String key) throws CaravanException {
        Verdict verdict = verdict("remove", key);
        synchronized (this) {
            objects.remove(key);
        }
        answer(verdict, key);
    }

    private Optional<Entry> find(String operation, String key) throws CaravanException {
        answer(verdict(operation, key), key);
        synchronized (this) {
            return Optional.ofNullable(objects.get(key));
        }
    }

    private void store(String key, byte[] bytes, Content content) {
        objects.put(key, new Entry(bytes, nextEtag(), content, clock.instant()));
        written.add(key);
    }

    private String nextEtag() {
        return "\"v" + versions.incrementAndGet() + "\"";
    }

    private static byte[] bytesOf(Content content) throws CaravanException {
        try (InputStream stream = content.open()) {
            byte[] bytes = stream.readAllBytes();
            if (!Digest.of(bytes).equals(content.digest())) {
                throw new DamagedException("the bytes are not those that were hashed", "");
            }
            return bytes;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Verdict verdict(String operation, String key) throws CaravanException {
        new SnapshotPath(key);
        Verdict verdict = fault.decide(operation, key);
        if (verdict == Verdict.FAIL) {
            throw new TransientException("cannot " + operation + " " + key + ": told to fail", "");
        }
        return verdict;
    }

    private static void answer(Verdict verdict, String key) throws TransientException {
        if (verdict == Verdict.LOSE_ANSWER) {
            throw new TransientException("no answer about " + key, "");
        }
    }
}
