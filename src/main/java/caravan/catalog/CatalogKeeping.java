package caravan.catalog;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectStore;
import caravan.store.ReplaceOutcome;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@code catalog.json} in step with what is published. It lists no bucket: it takes over what the catalog says
 * already, if that is signed by somebody who is trusted, and makes the rest from signed records.
 *
 * <p>Each call may be repeated, and may run beside those of other publishers: the catalog is replaced only if it still
 * is the one that was read. Safe for use by many threads.
 */
public final class CatalogKeeping {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogKeeping.class);

    private static final String JSON = "application/json";

    /** Somebody wins each race, so this is more often than there are publishers at once. */
    private static final int MAX_RACES = 100;

    private final ObjectStore store;

    private final SigningKey key;

    private final PublisherProfile profile;

    private final CatalogSource source;

    private final List<DatabaseName> own;

    private final Clock clock;

    /**
     * A keeper of the catalog in {@code store}.
     *
     * @param key signs it
     * @param trusted whose catalogs, pointers and records count
     * @param own databases that are published from here; a catalog that is lost is made anew of these
     */
    public CatalogKeeping(
            ObjectStore store,
            SigningKey key,
            TrustedKeys trusted,
            PublisherProfile profile,
            List<DatabaseName> own,
            Clock clock) {
        this.store = requireNonNull(store, "store");
        this.key = requireNonNull(key, "key");
        this.profile = requireNonNull(profile, "profile");
        this.source = new CatalogSource(store, trusted, clock);
        this.own = List.copyOf(own);
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Puts the snapshot of {@code record} into the catalog, and whatever the catalog lacks that leads to it.
     *
     * @param change what is new in it
     * @throws TransientException if others changed the catalog each time
     * @throws caravan.failure.FailedException if the catalog is whole but signed by nobody who is trusted, or if not
     *     even the newest snapshots fit into it; it is left alone then
     */
    public void add(SnapshotRecord record, SnapshotChange change) throws CaravanException {
        for (int race = 0; race < MAX_RACES; race++) {
            CatalogSource.Found found = source.read();
            Map<DatabaseName, CatalogDatabase> entries = entries(found, record.database());
            entries.put(
                    record.database(),
                    entryOf(record, key.fingerprint(), List.of(change), entries.get(record.database())));
            if (found.isTold(profile) && List.copyOf(entries.values()).equals(found.databases())) {
                return;
            }
            if (write(record.database(), entries, found)) {
                return;
            }
        }
        throw lost("it is tried again in some minutes; until then the page does not show the snapshot");
    }

    /**
     * Puts the snapshot that {@code latest} leads to into the catalog, if the catalog lacks it: whoever published it
     * could not. What was new in it is not known any more. Writes nothing if nothing is missing.
     *
     * @return whether {@code latest} leads to a snapshot at all
     * @throws CaravanException as {@link #add} does
     */
    public boolean catchUp(DatabaseName database) throws CaravanException {
        Optional<CatalogSource.Signed> latest = source.latest(database);
        if (latest.isEmpty()) {
            return false;
        }
        SnapshotRecord record = latest.get().record();
        for (int race = 0; race < MAX_RACES; race++) {
            CatalogSource.Found found = source.read();
            if (found.lists(database, record.snapshot())) {
                return true;
            }
            Map<DatabaseName, CatalogDatabase> entries = entries(found, database);
            entries.put(database, entryOf(record, latest.get().key(), List.of(), entries.get(database)));
            if (write(database, entries, found)) {
                return true;
            }
        }
        throw lost("it is tried again in some minutes; until then the page does not show the snapshot");
    }

    /**
     * States what a drill of a published snapshot found; nothing happens if the catalog does not have it. Its record is
     * left alone, since {@code latest} vouches for every byte of that.
     *
     * @param result for people
     * @param good whether it is not to be named among those that were found bad any more
     * @throws TransientException if others changed the catalog each time
     */
    public void drilled(DatabaseName database, SnapshotId snapshot, String result, boolean good)
            throws CaravanException {
        for (int race = 0; race < MAX_RACES; race++) {
            CatalogSource.Found found = source.read();
            if (!found.lists(database, snapshot)) {
                return;
            }
            List<CatalogDatabase> databases = found.databases().stream()
                    .map(entry -> entry.name().equals(database) ? entry.withDrill(snapshot, result, good) : entry)
                    .toList();
            byte[] note =
                    CatalogNote.of(new Catalog(profile.name(), clock.instant(), profile.publicUrl(), databases), key);
            if (write(note, found)) {
                return;
            }
        }
        throw lost("the catalog and the page do not show what a drill of " + database + " found");
    }

    /**
     * States which snapshots of a database were found bad, beside those that it says already; nothing happens if the
     * catalog does not have the database, or says all of it.
     *
     * @param refused the newest of them count
     * @throws TransientException if others changed the catalog each time
     */
    public void refused(DatabaseName database, List<CatalogRefusal> refused) throws CaravanException {
        for (int race = 0; race < MAX_RACES; race++) {
            CatalogSource.Found found = source.read();
            List<CatalogDatabase> databases = found.databases().stream()
                    .map(entry -> entry.name().equals(database) ? entry.withRefused(refused) : entry)
                    .toList();
            if (databases.equals(found.databases())) {
                return;
            }
            byte[] note =
                    CatalogNote.of(new Catalog(profile.name(), clock.instant(), profile.publicUrl(), databases), key);
            if (write(note, found)) {
                return;
            }
        }
        throw lost("the catalog and the page do not name the snapshots of " + database + " that were found bad");
    }

    private static TransientException lost(String consequence) {
        return new TransientException(
                "replace " + BucketPaths.CATALOG + ": others changed it " + MAX_RACES + " times in a row", consequence);
    }

    private boolean write(DatabaseName changed, Map<DatabaseName, CatalogDatabase> entries, CatalogSource.Found found)
            throws CaravanException {
        byte[] note = CatalogNote.of(
                new Catalog(profile.name(), clock.instant(), profile.publicUrl(), List.copyOf(entries.values())), key);
        if (!write(note, found)) {
            return false;
        }
        LOG.info(
                "{}: catalog of {} databases, {} snapshots, {} bytes",
                changed,
                entries.size(),
                entries.values().stream()
                        .mapToInt(entry -> entry.snapshots().size())
                        .sum(),
                note.length);
        return true;
    }

    private boolean write(byte[] note, CatalogSource.Found found) throws CaravanException {
        Content content = Content.of(note, JSON, CachePolicy.MUTABLE);
        Optional<String> etag = found.etag();
        return etag.isPresent()
                ? store.replace(BucketPaths.CATALOG, content, etag.get()) == ReplaceOutcome.REPLACED
                : store.create(BucketPaths.CATALOG, content) == CreateOutcome.CREATED;
    }

    /** What the catalog says, or what our own pointers lead to if it says nothing that can be believed. */
    private Map<DatabaseName, CatalogDatabase> entries(CatalogSource.Found found, DatabaseName published)
            throws CaravanException {
        Map<DatabaseName, CatalogDatabase> entries = new TreeMap<>(Comparator.comparing(DatabaseName::value));
        found.databases().forEach(entry -> entries.put(entry.name(), entry));
        if (!found.isBelieved()) {
            for (DatabaseName name : own) {
                if (!name.equals(published)) {
                    source.latest(name).ifPresent(record -> entries.put(name, newEntry(record)));
                }
            }
        }
        return entries;
    }

    /** The entry {@code known}, if there is one, with one snapshot more, which {@code signer} signed. */
    private CatalogDatabase entryOf(
            SnapshotRecord record, String signer, List<SnapshotChange> change, CatalogDatabase known)
            throws CaravanException {
        Map<SnapshotId, CatalogSnapshot> snapshots = new HashMap<>();
        if (known != null) {
            for (CatalogSnapshot snapshot : known.snapshots()) {
                if (!source.isRetired(record.database(), snapshot)) {
                    snapshots.put(snapshot.id(), snapshot);
                }
            }
        }
        for (SnapshotChange each : change) {
            for (SnapshotId before : each.since()) {
                if (!snapshots.containsKey(before)) {
                    source.record(record.database(), before)
                            .ifPresent(missed -> snapshots.put(before, CatalogSnapshot.of(missed, List.of())));
                }
            }
        }
        snapshots.put(record.snapshot(), CatalogSnapshot.of(record, change));
        return new CatalogDatabase(
                record.database(),
                signer,
                record.createdAt().plus(profile.expectedWithin()),
                sorted(snapshots),
                known == null ? List.of() : known.refused());
    }

    private CatalogDatabase newEntry(CatalogSource.Signed signed) {
        return new CatalogDatabase(
                signed.record().database(),
                signed.key(),
                signed.record().createdAt().plus(profile.expectedWithin()),
                List.of(CatalogSnapshot.of(signed.record(), List.of())));
    }

    private static List<CatalogSnapshot> sorted(Map<SnapshotId, CatalogSnapshot> snapshots) {
        List<CatalogSnapshot> newestFirst = new ArrayList<>(snapshots.values());
        newestFirst.sort(CatalogDatabase.NEWEST_FIRST);
        return newestFirst;
    }
}
