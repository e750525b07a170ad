package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.PointerFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.ReplaceOutcome;
import caravan.store.StoredObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Makes a proven snapshot visible, one step at a time; the route {@code publish-snapshot} calls the steps in the order
 * in which they stand here, which is the only safe one. Each step may be repeated: what is stored already is recognised
 * by its content. Nothing that is published is overwritten but {@code latest}.
 */
public final class SnapshotPublishing {

    private static final String JSON_LINES = "application/jsonl";

    static final String TEXT = "text/plain; charset=utf-8";

    private static final String METALINK = "application/metalink4+xml";

    private final ObjectStore store;

    private final ReadBack readBack;

    private final BooleanSupplier storeChecksUploads;

    private final SigningKey key;

    private final PublishedHistory history;

    private final Duration pointerLifetime;

    private final Clock clock;

    /**
     * Publishes to {@code store} with pointers signed by {@code key}.
     *
     * @param storeChecksUploads whether it refuses bytes that do not match the SHA-256 sent along; if it does not, what
     *     is stored is read back
     * @param pointerLifetime how long clients accept a pointer
     */
    public SnapshotPublishing(
            ObjectStore store,
            BooleanSupplier storeChecksUploads,
            SigningKey key,
            PublishedHistory history,
            Duration pointerLifetime,
            Clock clock) {
        this.store = store;
        this.readBack = new ReadBack(store);
        this.storeChecksUploads = storeChecksUploads;
        this.key = key;
        this.history = history;
        this.pointerLifetime = pointerLifetime;
        this.clock = clock;
    }

    /** Announces the manifest to the collector, so that its chunks are kept from now on. */
    public void announce(Publication publication) throws CaravanException {
        publication.requireGoing();
        requireInTime(publication);
        ObjectRef manifest = publication.proven().manifest().ref();
        String line = publication.runId() + " " + manifest.size() + " "
                + manifest.digest().hex() + "\n";
        store.put(
                BucketPaths.pending(name(publication), publication.snapshot()),
                Content.of(line.getBytes(StandardCharsets.US_ASCII), TEXT, CachePolicy.MUTABLE));
        publication.isStored(StoredParts.Part.ANNOUNCEMENT);
    }

    /** Stores the manifest. */
    public void putManifest(Publication publication) throws CaravanException {
        putFile(publication, publication.proven().manifest(), JSON_LINES);
        // Who slept meanwhile, as a virtual machine does, may have stored it after a collector gave the run up.
        requireInTime(publication);
        publication.isStored(StoredParts.Part.MANIFEST);
    }

    private void requireInTime(Publication publication) throws TransientException {
        if (clock.instant().isAfter(publication.startedAt().plus(PublishedHistory.SESSION_LIFETIME))) {
            throw inVain(
                    publication,
                    "publish " + name(publication) + ": the run took longer than its session lives",
                    Publication.RUN_AGAIN);
        }
    }

    /** Stores what can be derived from the manifest. */
    public void putExports(Publication publication) throws CaravanException {
        putFile(publication, publication.proven().chunks(), TEXT);
        putFile(publication, publication.proven().aria2(), TEXT);
        putFile(publication, publication.proven().sums(), TEXT);
        putFile(publication, publication.proven().metalink(), METALINK);
        publication.isStored(StoredParts.Part.EXPORTS);
    }

    /** Stores the signed record. From now on the snapshot can be restored by its own address. */
    public void putRecord(Publication publication) throws CaravanException {
        requireInTime(publication);
        create(
                publication,
                BucketPaths.ofSnapshot(name(publication), publication.snapshot(), BucketPaths.RECORD),
                Content.of(publication.proven().recordNote(), TEXT, CachePolicy.MUTABLE));
        // A manifest without a record is taken away when nobody can go on with it. One that had a record by then stays.
        requireInTime(publication);
        // A copy of this machine's state, on another one, takes this run for one that was killed.
        if (!history.isUnderWay(publication)) {
            throw inVain(
                    publication,
                    "publish " + name(publication) + ": somebody else ended the session of this run",
                    "one state directory per publisher, never a copy of one; then run it again");
        }
        publication.isStored(StoredParts.Part.RECORD);
    }

    /**
     * Stores the record that was signed again in place of the one before, if that is still there. Nothing leads to either
     * yet. Called by route {@code put-drill-result}.
     *
     * @throws TransientException if it is gone: a run that slept for long may have been given up, and its snapshot taken
     *     away. A record without the rest would be one that every collection stops at
     */
    public void putRecordAgain(Publication publication) throws CaravanException {
        publication.requireGoing();
        requireInTime(publication);
        String path = BucketPaths.ofSnapshot(name(publication), publication.snapshot(), BucketPaths.RECORD);
        Content content = Content.of(publication.proven().recordNote(), TEXT, CachePolicy.MUTABLE);
        Optional<ObjectHead> before = store.head(path);
        if (before.isEmpty()) {
            throw inVain(
                    publication,
                    "store " + path + " again: it is gone; a collection has taken this snapshot away",
                    "run it again for a new snapshot");
        }
        if (store.replace(path, content, before.get().etag()) == ReplaceOutcome.CONFLICT) {
            throw new TransientException(
                    "store " + path + " again: somebody else stores it, too", "one publisher per database");
        }
        if (!storeChecksUploads.getAsBoolean()) {
            readBack(path, content);
        }
    }

    /**
     * Moves {@code latest} to the snapshot.
     *
     * @throws FailedException if one of the steps before was left out
     * @throws TransientException if another publisher moved it since this run began; nothing was changed then
     */
    public void moveLatest(Publication publication) throws CaravanException {
        publication.requireAllStored();
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Pointer pointer = new Pointer(
                name(publication),
                publication.predecessor().nextSequence(),
                publication.runId(),
                now,
                now.plus(pointerLifetime),
                publication.proven().recordLine());
        byte[] note = SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, key);
        if (!move(publication, note) && !isOurs(publication)) {
            throw inVain(
                    publication,
                    "publish " + name(publication) + ": another publisher moved latest while this run was under way",
                    "one publisher per database; this snapshot is complete but is not the latest");
        }
        publication.keep(pointer);
        HeldCapture held = publication.held();
        PublisherState state = publication.state();
        try {
            state.remember(
                    publication.proven().manifest().path(), note, held.ledger().those(state.suspected()));
            publication.knownSource().remember(held.capture(), publication.node());
            Set<String> stillThere = held.capture().files().stream()
                    .map(file -> file.source().sourcePath())
                    .collect(Collectors.toSet());
            state.hashes().keepOnly(stillThere);
            state.provenTables().keepOnly(stillThere);
        } catch (IOException e) {
            throw new FailedException(
                    "remember what was published of " + name(publication) + ": " + e,
                    "the snapshot is published; the state directory must be writable and have space",
                    e);
        }
    }

    /** Says that the run is over. */
    public void end(Publication publication) throws CaravanException {
        history.end(publication, clock.instant());
    }

    private boolean move(Publication publication, byte[] note) throws CaravanException {
        Content content = Content.of(note, TEXT, CachePolicy.MUTABLE);
        if (publication.predecessor() instanceof Predecessor.Published published) {
            return new PointerPlace(store, history).replace(name(publication), content, published.etag());
        }
        return new PointerPlace(store, history).create(name(publication), content);
    }

    /** A move that was refused may be our own: the first attempt arrived and its answer was lost. */
    private boolean isOurs(Publication publication) throws CaravanException {
        return latest(publication)
                .filter(pointer -> pointer.runId().equals(publication.runId()))
                .isPresent();
    }

    /** Whether {@code latest} names the snapshot of this publication, whoever wrote it last: a renewal is no other. */
    public boolean isLatest(Publication publication) throws CaravanException {
        return latest(publication)
                .filter(pointer -> pointer.snapshot().equals(publication.snapshot()))
                .isPresent();
    }

    private Optional<Pointer> latest(Publication publication) throws CaravanException {
        String path = BucketPaths.latest(name(publication));
        Optional<StoredObject> latest = store.read(path, SignedNote.MAX_BYTES);
        return latest.isPresent()
                ? Optional.of(history.pointerIn(latest.get().bytes(), name(publication), path))
                : Optional.empty();
    }

    private void putFile(Publication publication, ProvenSnapshot.WorkFile file, String contentType)
            throws CaravanException {
        SnapshotId snapshot = publication.snapshot();
        String path =
                BucketPaths.ofSnapshot(name(publication), snapshot, file.ref().path());
        try {
            create(publication, path, Content.of(file.path(), file.ref().digest(), contentType, CachePolicy.IMMUTABLE));
        } catch (IOException e) {
            throw new FailedException("cannot read " + file.path() + ": " + e, "check the state directory", e);
        }
    }

    private void create(Publication publication, String path, Content content) throws CaravanException {
        if (store.create(path, content) == CreateOutcome.CREATED) {
            if (!storeChecksUploads.getAsBoolean()) {
                readBack(path, content);
            }
            return;
        }
        Optional<ObjectHead> head = store.head(path);
        if (head.isEmpty() || head.get().compare(content.size(), content.digest()) == ObjectHead.Likeness.DIFFERENT) {
            throw inVain(
                    publication,
                    "store " + path + ": another publisher has stored something else under that name",
                    "one publisher per database; run it again for a new snapshot");
        }
        // Our own first attempt, whose answer was lost, and nobody has looked what arrived of it.
        readBack(path, content);
    }

    /** Another run may succeed, but not this one, however often a step of it is tried. */
    private static TransientException inVain(Publication publication, String message, String hint) {
        TransientException failure = new TransientException(message, hint);
        publication.fail(failure);
        return failure;
    }

    private void readBack(String path, Content content) throws CaravanException {
        readBack.require(
                "object",
                path,
                content.digest(),
                "it was damaged on the way or by the store; latest does not lead to it, so publish again for a new"
                        + " snapshot");
    }

    private static DatabaseName name(Publication publication) {
        return publication.database().name();
    }
}
