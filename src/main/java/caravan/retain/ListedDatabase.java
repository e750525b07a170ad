package caravan.retain;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.store.ListedObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a listing has of one database. Not thread safe. */
final class ListedDatabase {

    static final Comparator<SnapshotId> OLDEST_FIRST =
            Comparator.comparing(SnapshotId::createdAt).thenComparing(SnapshotId::height);

    private final DatabaseName name;

    private final SortedMap<SnapshotId, SortedMap<String, ListedObject>> snapshots = new TreeMap<>(OLDEST_FIRST);

    private boolean latest;

    ListedDatabase(DatabaseName name) {
        this.name = name;
    }

    /** Which snapshot of which database. */
    record Name(DatabaseName database, SnapshotId snapshot) {}

    void hasLatest() {
        latest = true;
    }

    void add(SnapshotId snapshot, String object, ListedObject listed) {
        snapshots.computeIfAbsent(snapshot, id -> new TreeMap<>()).put(object, listed);
    }

    DatabaseName name() {
        return name;
    }

    /** Whether there is a pointer. */
    boolean isPublished() {
        return latest;
    }

    /** Objects by their names, of each snapshot, the oldest snapshot first. */
    SortedMap<SnapshotId, SortedMap<String, ListedObject>> snapshots() {
        return snapshots;
    }

    boolean has(SnapshotId snapshot, String object) {
        return snapshots.containsKey(snapshot) && snapshots.get(snapshot).containsKey(object);
    }

    boolean hasRecord(SnapshotId snapshot) {
        return has(snapshot, BucketPaths.RECORD);
    }

    /** When the last object of {@code snapshot} was stored. */
    Instant touchedAt(SnapshotId snapshot) {
        return snapshots.get(snapshot).values().stream()
                .map(ListedObject::storedAt)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }
}
