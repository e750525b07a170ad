package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.manifest.PointerFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs {@code latest} again when half of its life is over and nothing new was published: the same record, the next
 * sequence, a new life. Clients refuse an expired pointer, so that nobody can hold back newer snapshots for long;
 * without this a database that does not change could no longer be restored.
 *
 * <p>It takes the same lock, registers the same session and moves {@code latest} by the same compare-and-swap as a
 * publication, so the two cannot harm each other, whichever comes first. Safe for use by many threads.
 */
public final class PointerRenewal {

    private static final Logger LOG = LoggerFactory.getLogger(PointerRenewal.class);

    private final ObjectStore store;

    private final SigningKey key;

    private final PublishedHistory history;

    private final Path stateDirectory;

    private final Duration lifetime;

    private final Clock clock;

    private final RunIds runIds = new RunIds();

    /**
     * Renews pointers in {@code store}.
     *
     * @param stateDirectory where each database has its {@link PublisherState}
     * @param lifetime how long clients accept a pointer
     */
    public PointerRenewal(
            ObjectStore store,
            SigningKey key,
            PublishedHistory history,
            Path stateDirectory,
            Duration lifetime,
            Clock clock) {
        this.store = store;
        this.key = key;
        this.history = history;
        this.stateDirectory = stateDirectory;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** What came of it. */
    public enum Outcome {
        /** Nothing is published, or the pointer has more than half of its life before it. */
        NOT_DUE,
        /** It was signed again. */
        RENEWED,
        /** A publication is under way, or somebody else moved {@code latest}: that brings a fresh pointer, too. */
        OTHERS_ARE_AT_IT
    }

    /** What {@code latest} says, verified; nothing if it is not there. */
    public Optional<Pointer> latest(DatabaseName database) throws CaravanException {
        return history.latest(database).map(Predecessor.Published::pointer);
    }

    /** Whether half of the life of {@code pointer} is over. */
    public boolean isDue(Pointer pointer) {
        Duration life = Duration.between(pointer.publishedAt(), pointer.expiresAt());
        return !clock.instant().isBefore(pointer.publishedAt().plus(life.dividedBy(2)));
    }

    /**
     * Signs {@code latest} of {@code database} again if it is time to.
     *
     * @throws RefusedException if {@code latest} is older than what was published from here: somebody put it back, and
     *     it must not get a new life
     */
    public Outcome renewIfDue(DatabaseName database) throws CaravanException {
        Optional<Pointer> seen = latest(database);
        if (seen.isEmpty() || !isDue(seen.get())) {
            return Outcome.NOT_DUE;
        }
        PublisherState state;
        try {
            state = PublisherState.open(stateDirectory, database, clock);
        } catch (RefusedException e) {
            LOG.debug("{}: the pointer is not renewed: {}", database, e.getMessage());
            return Outcome.OTHERS_ARE_AT_IT;
        }
        try (state) {
            return renew(database, state);
        } catch (IOException e) {
            throw new FailedException(
                    "renew the pointer of " + database + ": " + e,
                    "the state directory must be writable and have space",
                    e);
        }
    }

    private Outcome renew(DatabaseName database, PublisherState state) throws CaravanException, IOException {
        Instant begin = clock.instant();
        String runId = runIds.next(begin);
        history.register(runId, database, begin, state.session());
        try {
            // Read anew: what was seen before the lock and the session may be another publisher's past.
            Optional<Predecessor.Published> latest = history.latest(database);
            if (latest.isEmpty() || !isDue(latest.get().pointer())) {
                return Outcome.NOT_DUE;
            }
            history.requireNotOlderThanRemembered(database, latest.get().pointer(), state);
            return sign(database, latest.get(), runId, state);
        } finally {
            history.end(runId, database, begin, clock.instant(), state.session());
        }
    }

    private Outcome sign(DatabaseName database, Predecessor.Published latest, String runId, PublisherState state)
            throws CaravanException, IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Pointer renewed = new Pointer(
                database,
                latest.nextSequence(),
                runId,
                now,
                now.plus(lifetime),
                latest.pointer().record());
        byte[] note = SignedNote.sign(PointerFormat.write(renewed), NoteKind.POINTER, key);
        Content content = Content.of(note, SnapshotPublishing.TEXT, CachePolicy.MUTABLE);
        boolean moved = new PointerPlace(store, history).replace(database, content, latest.etag());
        if (!moved && !isOurs(database, runId)) {
            LOG.info("{}: another publisher moved latest while its pointer was renewed", database);
            return Outcome.OTHERS_ARE_AT_IT;
        }
        state.rememberPointer(note);
        LOG.info(
                "{}: latest is still {}, signed again (sequence {}) until {}",
                database,
                renewed.snapshot(),
                renewed.sequence(),
                renewed.expiresAt());
        return Outcome.RENEWED;
    }

    /** A move that was refused may be our own: the first attempt arrived and its answer was lost. */
    private boolean isOurs(DatabaseName database, String runId) throws CaravanException {
        return latest(database).filter(pointer -> pointer.runId().equals(runId)).isPresent();
    }
}
