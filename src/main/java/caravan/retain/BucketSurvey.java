package caravan.retain;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import caravan.store.ListedObject;
import caravan.store.ObjectPage;
import caravan.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a bucket holds, by one listing of all of it. What has no name of ours is not seen, but a record or a manifest whose
 * name is not understood fails. Not thread safe.
 */
final class BucketSurvey implements AutoCloseable {

    private static final String PENDING = BucketPaths.CONTROL + "/pending/";

    private static final String PINS = BucketPaths.CONTROL + "/pins/";

    private final SortedMap<String, ListedDatabase> databases = new TreeMap<>();

    private final List<ListedObject> sessions = new ArrayList<>();

    private final List<ListedObject> announcements = new ArrayList<>();

    private final Set<String> pins = new HashSet<>();

    private final ListedChunks chunks;

    private Optional<ListedObject> candidates = Optional.empty();

    private Optional<ListedObject> condemned = Optional.empty();

    private BucketSurvey(ListedChunks chunks) {
        this.chunks = chunks;
    }

    /**
     * Lists everything.
     *
     * @param directory where the list of chunks is put while this is open
     */
    static BucketSurvey of(ObjectStore store, Path directory) throws CaravanException {
        try {
            BucketSurvey survey = new BucketSurvey(ListedChunks.in(Files.createDirectories(directory)));
            try {
                survey.list(store);
                return survey;
            } catch (CaravanException | IOException | RuntimeException e) {
                survey.close();
                throw e;
            }
        } catch (IOException e) {
            throw DiskFailures.of("write the list of chunks into " + directory, e);
        }
    }

    /** By name. */
    SortedMap<String, ListedDatabase> databases() {
        return databases;
    }

    /** Notes of publications that are or were under way. */
    List<ListedObject> sessions() {
        return sessions;
    }

    /** Notes that a manifest was about to be stored. */
    List<ListedObject> announcements() {
        return announcements;
    }

    /** Pins that name no snapshot that is there, in the order of their names. */
    List<String> unclearPins() {
        return pins.stream()
                .filter(pin -> !isOfASnapshot(pin))
                .map(pin -> PINS + pin)
                .sorted()
                .toList();
    }

    boolean isPinned(DatabaseName database, SnapshotId snapshot) {
        return pins.contains(database.value() + "/" + snapshot);
    }

    ListedChunks chunks() {
        return chunks;
    }

    /** The list of candidates that an earlier collection left. */
    Optional<ListedObject> candidates() {
        return candidates;
    }

    /** The list of what a collection is deleting. */
    Optional<ListedObject> condemned() {
        return condemned;
    }

    @Override
    public void close() throws CaravanException {
        try {
            chunks.close();
        } catch (IOException e) {
            throw DiskFailures.of("remove the list of chunks", e);
        }
    }

    private void list(ObjectStore store) throws CaravanException, IOException {
        Optional<String> page = Optional.empty();
        do {
            ObjectPage found = store.list("", page);
            for (ListedObject object : found.objects()) {
                take(object);
            }
            page = found.next();
        } while (page.isPresent());
    }

    private void take(ListedObject object) throws CaravanException, IOException {
        String key = object.key();
        Optional<Digest> chunk = BucketPaths.digestInChunk(key);
        if (chunk.isPresent()) {
            chunks.add(new ListedChunks.Chunk(chunk.get(), key, object.size(), object.storedAt()));
        } else if (key.startsWith(Sessions.FOLDER)) {
            sessions.add(object);
        } else if (key.startsWith(PENDING)) {
            announcements.add(object);
        } else if (key.startsWith(PINS)) {
            addPin(key.substring(PINS.length()));
        } else if (key.equals(BucketPaths.candidates())) {
            candidates = Optional.of(object);
        } else if (key.equals(BucketPaths.condemned())) {
            condemned = Optional.of(object);
        } else {
            takeOfDatabase(object);
        }
    }

    /** What a console leaves for a folder, an empty object whose name ends with a slash, is none. */
    private void addPin(String pin) {
        if (!pin.isEmpty() && !pin.endsWith("/")) {
            pins.add(pin);
        }
    }

    private boolean isOfASnapshot(String pin) {
        String[] parts = pin.split("/", -1);
        ListedDatabase database = databases.get(parts[0]);
        return parts.length == 2
                && database != null
                && snapshotIn(parts[1])
                        .filter(snapshot -> database.snapshots().containsKey(snapshot))
                        .isPresent();
    }

    private void takeOfDatabase(ListedObject object) throws DamagedException {
        String[] parts = object.key().split("/", -1);
        Optional<DatabaseName> name = databaseIn(parts[0]);
        if (name.isPresent() && parts.length == 2 && parts[1].equals(BucketPaths.LATEST)) {
            of(name.get()).hasLatest();
        }
        if (parts.length == 3
                && BucketPaths.OF_A_SNAPSHOT.contains(parts[2])
                && !parts[0].equals(BucketPaths.CONTROL)) {
            Optional<SnapshotId> snapshot = snapshotIn(parts[1]);
            if (name.isPresent() && snapshot.isPresent()) {
                of(name.get()).add(snapshot.get(), parts[2], object);
            } else if (parts[2].equals(BucketPaths.RECORD) || parts[2].equals(BucketPaths.MANIFEST)) {
                throw new DamagedException(
                        "list the bucket: " + object.key() + " is of a snapshot whose name is not understood",
                        "a newer version of this program may have written it, and it may need any chunk; remove it by hand if"
                                + " it is of no use");
            }
        }
    }

    private ListedDatabase of(DatabaseName name) {
        return databases.computeIfAbsent(name.value(), value -> new ListedDatabase(name));
    }

    private static Optional<DatabaseName> databaseIn(String name) {
        try {
            return Optional.of(new DatabaseName(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<SnapshotId> snapshotIn(String name) {
        try {
            return Optional.of(SnapshotId.parse(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
