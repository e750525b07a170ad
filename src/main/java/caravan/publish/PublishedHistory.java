package caravan.publish;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestReader;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.StoredObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the bucket already has of a database, as far as signatures prove it, and this run's entry in the list of
 * sessions. It never writes anything that a client reads.
 */
public final class PublishedHistory {

    /** How long a session counts as alive: longer than any publication may take, and than the collector waits. */
    public static final Duration SESSION_LIFETIME = Duration.ofDays(4);

    private static final int COPY_BUFFER = 1 << 16;

    private static final Logger LOG = LoggerFactory.getLogger(PublishedHistory.class);

    private static final int MAX_SESSION_BYTES = 64 << 10;

    private final ObjectStore store;

    private final TrustedKeys trusted;

    private final int recheckOneIn;

    /**
     * History in {@code store}.
     *
     * @param trusted keys whose signature counts as this publisher's or its predecessor's
     * @param recheckOneIn see {@link StoredChunks}
     */
    public PublishedHistory(ObjectStore store, TrustedKeys trusted, int recheckOneIn) {
        this.store = store;
        this.trusted = trusted;
        this.recheckOneIn = recheckOneIn;
    }

    /** What was found when a publication began. */
    record Findings(Predecessor predecessor, StoredChunks stored) {}

    /**
     * Registers a run; must come before its first question about a chunk. Ends the session of one from here that was
     * killed: whoever has the lock knows that it is gone.
     */
    void register(String runId, DatabaseName database, Instant startedAt, OwnSession own) throws CaravanException {
        Optional<SessionNote> left = own.left();
        if (left.isPresent()) {
            end(left.get().runId(), database, left.get().startedAt(), startedAt, own);
        }
        SessionNote note = new SessionNote(runId, database, startedAt, startedAt.plus(SESSION_LIFETIME), false);
        own.begin(note);
        if (store.create(BucketPaths.session(runId), contentOf(note)) == CreateOutcome.ALREADY_THERE) {
            // The run's name is random: only our own lost answer can have taken it.
            LOG.debug("session {} was registered by an attempt whose answer was lost", runId);
        }
    }

    /** Notes that a run is over, whatever came of it. Its chunks then live by the manifests that name them alone. */
    public void end(Publication publication, Instant now) throws CaravanException {
        end(
                publication.runId(),
                publication.database().name(),
                publication.startedAt(),
                now,
                publication.state().session());
    }

    /**
     * Whether the session of {@code publication} is as it left it. If so, whatever it stored before this was there before
     * any collector could take the session for over.
     */
    boolean isUnderWay(Publication publication) throws CaravanException {
        String path = BucketPaths.session(publication.runId());
        Optional<StoredObject> note = store.read(path, MAX_SESSION_BYTES);
        return note.isPresent() && !SessionNote.read(note.get().bytes(), path).ended();
    }

    void end(String runId, DatabaseName database, Instant startedAt, Instant now, OwnSession own)
            throws CaravanException {
        SessionNote note = new SessionNote(runId, database, startedAt, now, true);
        store.put(BucketPaths.session(runId), contentOf(note));
        own.end(runId);
    }

    /**
     * Looks what is published of {@code database}.
     *
     * @throws DamagedException if {@code latest} or what it leads to is not what was signed
     * @throws RefusedException if {@code latest} is older than what was published from here
     */
    Findings look(DatabaseName database, PublisherState state) throws CaravanException {
        Set<Digest> condemned = condemned();
        Optional<Pointer> remembered = remembered(database, state);
        Optional<StoredObject> latest = store.read(BucketPaths.latest(database), SignedNote.MAX_BYTES);
        if (latest.isEmpty()) {
            long sequence = remembered.map(Pointer::sequence).orElse(0L);
            if (sequence > 0) {
                LOG.warn(
                        "{}: the bucket has no latest, although sequence {} was published from here",
                        database,
                        sequence);
            }
            return new Findings(
                    new Predecessor.None(sequence + 1),
                    new StoredChunks(new PublishedForms(), condemned, state.suspected(), recheckOneIn, sequence));
        }
        Pointer pointer = pointerIn(latest.get().bytes(), database, BucketPaths.latest(database));
        requireNotOlder(database, pointer, remembered);
        PublishedForms published = chunksOf(database, pointer, remembered, state);
        return new Findings(
                new Predecessor.Published(pointer, latest.get().etag()),
                new StoredChunks(published, condemned, state.suspected(), recheckOneIn, pointer.sequence()));
    }

    /** What {@code latest} of {@code database} is, as far as its signature proves it; nothing if there is none. */
    Optional<Predecessor.Published> latest(DatabaseName database) throws CaravanException {
        String path = BucketPaths.latest(database);
        Optional<StoredObject> latest = store.read(path, SignedNote.MAX_BYTES);
        return latest.isEmpty()
                ? Optional.empty()
                : Optional.of(new Predecessor.Published(
                        pointerIn(latest.get().bytes(), database, path),
                        latest.get().etag()));
    }

    /** Refuses a {@code latest} that is older than what was published from here. */
    void requireNotOlderThanRemembered(DatabaseName database, Pointer pointer, PublisherState state)
            throws CaravanException {
        requireNotOlder(database, pointer, remembered(database, state));
    }

    private static void requireNotOlder(DatabaseName database, Pointer pointer, Optional<Pointer> remembered)
            throws RefusedException {
        if (remembered.isPresent() && pointer.sequence() < remembered.get().sequence()) {
            throw new RefusedException(
                    "publish " + database + ": latest in the bucket has sequence " + pointer.sequence() + ", but "
                            + remembered.get().sequence() + " was published from here",
                    "somebody put back an older latest, or this is another bucket; find out before you publish again");
        }
    }

    Pointer pointerIn(byte[] note, DatabaseName database, String what) throws CaravanException {
        return pointerIn(note, database, trusted, what);
    }

    /**
     * What a pointer says, as far as its signature proves it.
     *
     * @param note as it is stored or served
     * @param what names it in a failure
     * @throws DamagedException if it is signed by nobody of {@code trusted}, or is the pointer of another database
     */
    public static Pointer pointerIn(byte[] note, DatabaseName database, TrustedKeys trusted, String what)
            throws CaravanException {
        VerifiedNote verified = SignedNote.verify(note, NoteKind.POINTER, trusted, what);
        Pointer pointer = PointerFormat.read(verified.line(), what);
        if (!pointer.database().equals(database)) {
            throw new DamagedException(
                    "read " + what + ": it is the pointer of database " + pointer.database(),
                    "somebody copied it there; find out who writes to the bucket");
        }
        return pointer;
    }

    private Optional<Pointer> remembered(DatabaseName database, PublisherState state) throws CaravanException {
        Path file = state.publishedPointer();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(pointerIn(Files.readAllBytes(file), database, file.toString()));
        } catch (IOException e) {
            throw new FailedException("cannot read " + file + ": " + e, "check the state directory", e);
        }
    }

    /** Chunks of the snapshot that {@code pointer} leads to, by our copy of its manifest if it is that one. */
    private PublishedForms chunksOf(
            DatabaseName database, Pointer pointer, Optional<Pointer> remembered, PublisherState state)
            throws CaravanException {
        boolean ours = remembered
                .map(own -> own.record().digest().equals(pointer.record().digest()))
                .orElse(false);
        if (ours && Files.exists(state.publishedManifest())) {
            try {
                return chunksIn(state.publishedManifest());
            } catch (DamagedException e) {
                // A power cut may leave it short or empty; it is a copy.
                LOG.warn("{}: {}; reading the bucket's instead", database, e.getMessage());
            }
        }
        return chunksIn(download(database, pointer, state));
    }

    private Path download(DatabaseName database, Pointer pointer, PublisherState state) throws CaravanException {
        SnapshotRecord record = recordOf(database, pointer);
        ObjectRef manifest = record.manifest();
        String key = BucketPaths.ofSnapshot(database, record.snapshot(), manifest.path());
        Path file = state.workDirectory().resolve("previous.jsonl");
        try (OpenObject object = store.open(key).orElseThrow(() -> absent(key));
                DigestOutputStream out = new DigestOutputStream(created(file), Digest.newMessageDigest())) {
            copy(object.body(), out, file);
            if (!Digest.fromBytes(out.getMessageDigest().digest()).equals(manifest.digest())) {
                throw new DamagedException(
                        "read " + key + ": it is not the manifest that was signed",
                        "verify the bucket with caravan verify; an older snapshot may have to be published again");
            }
        } catch (IOException e) {
            throw new TransientException("read " + key + ": " + e, "try again", e);
        }
        return file;
    }

    private static OutputStream created(Path file) throws FailedException {
        try {
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw DiskFailures.of("write " + file, e);
        }
    }

    /** A disk that is full is no trouble of the store, and does not pass by itself: it is told apart. */
    private static void copy(InputStream in, OutputStream out, Path file) throws IOException, FailedException {
        byte[] part = new byte[COPY_BUFFER];
        for (int count = in.read(part); count >= 0; count = in.read(part)) {
            try {
                out.write(part, 0, count);
            } catch (IOException e) {
                throw DiskFailures.of("write " + file, e);
            }
        }
    }

    private SnapshotRecord recordOf(DatabaseName database, Pointer pointer) throws CaravanException {
        String key = database.value() + "/" + pointer.record().path();
        StoredObject object = store.read(key, SignedNote.MAX_BYTES).orElseThrow(() -> absent(key));
        VerifiedNote verified = SignedNote.verify(object.bytes(), NoteKind.RECORD, trusted, key);
        if (!verified.lineDigest().equals(pointer.record().digest())) {
            throw new DamagedException(
                    "read " + key + ": it is not the record that latest names",
                    "verify the bucket with caravan verify");
        }
        return RecordFormat.read(verified.line(), key);
    }

    private Set<Digest> condemned() throws CaravanException {
        return DigestList.read(
                        store,
                        BucketPaths.condemned(),
                        "the collector's list is damaged; nothing may be reused until it is right")
                .orElse(Set.of());
    }

    private static PublishedForms chunksIn(Path manifest) throws CaravanException {
        PublishedForms chunks = new PublishedForms();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(manifest))) {
            ManifestReader.read(in, manifest.toString(), chunks);
        } catch (IOException e) {
            throw new FailedException("cannot read " + manifest + ": " + e, "check the state directory", e);
        }
        return chunks;
    }

    private static Content contentOf(SessionNote note) {
        return Content.of(note.toJson(), "application/json", CachePolicy.MUTABLE);
    }

    private static DamagedException absent(String key) {
        return new DamagedException(
                "read " + key + ": it is not in the bucket, although latest leads to it",
                "somebody deleted it; verify the bucket with caravan verify");
    }
}
