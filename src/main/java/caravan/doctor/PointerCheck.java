package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.manifest.RecordFormat;
import caravan.publish.PublisherSight;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the bucket says of a database: whether clients take it, whether it gets old, and whether it is all there. */
public final class PointerCheck implements Examination {

    /** Of a pointer's life: so much after its half, a daemon has long signed it again. */
    private static final int PATIENCE_OF_RENEWAL = 10;

    private final BucketPointer latest;

    private final BucketCheck bucket;

    private final ObjectStore store;

    private final TrustedKeys trusted;

    private final Path state;

    private final Duration maxAge;

    private final Clock clock;

    /**
     * Looks at {@code latest} and what it leads to, if {@code bucket} says that it can be read.
     *
     * @param state directory, in which it stands what was published from here
     * @param maxAge of a snapshot; zero for any
     */
    public PointerCheck(
            BucketPointer latest,
            BucketCheck bucket,
            ObjectStore store,
            TrustedKeys trusted,
            Path state,
            Duration maxAge,
            Clock clock) {
        this.latest = latest;
        this.bucket = bucket;
        this.store = store;
        this.trusted = trusted;
        this.state = state;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "latest";
    }

    @Override
    public String about() {
        return latest.database().value();
    }

    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        if (!bucket.isReadable(findings)) {
            return;
        }
        Optional<Pointer> found = latest.read();
        long remembered = remembered();
        if (found.isEmpty()) {
            absent(remembered, findings);
            return;
        }
        Pointer pointer = found.get();
        Instant now = clock.instant();
        if (pointer.sequence() < remembered) {
            findings.wrong(
                    Findings.REFUSED,
                    "the bucket has sequence " + pointer.sequence() + ", but " + remembered
                            + " was published from here: clients that saw that refuse this one",
                    "somebody put back an older latest, or this is another bucket; find out before you publish again");
        }
        lookAtLife(pointer, now, findings);
        lookAtAge(pointer, now, findings);
        lookAtSnapshot(pointer);
        findings.ok(pointer.snapshot() + ", sequence " + pointer.sequence() + ", captured "
                + Span.of(Duration.between(pointer.snapshot().createdAt(), now)) + " ago; record and lists are there");
    }

    private void absent(long remembered, Findings findings) {
        if (remembered > 0) {
            findings.wrong(
                    Findings.DAMAGED,
                    "the bucket has none, although sequence " + remembered + " was published from here",
                    "somebody deleted it, or caravan.s3.bucket or .prefix names another place; once that is right, caravan"
                            + " publish " + latest.database() + " makes it anew");
        } else {
            findings.note("nothing is published yet", "caravan publish " + latest.database());
        }
    }

    private void lookAtLife(Pointer pointer, Instant now, Findings findings) {
        String renewal = "caravan run renews it: look whether it is at work, and what its log says; caravan publish "
                + latest.database() + " makes a new one";
        if (!now.isBefore(pointer.expiresAt())) {
            findings.wrong(
                    Findings.FAILED,
                    "it expired at " + pointer.expiresAt() + ", so nobody can restore (signed at "
                            + pointer.publishedAt() + ")",
                    renewal);
            return;
        }
        Duration life = Duration.between(pointer.publishedAt(), pointer.expiresAt());
        if (now.isAfter(pointer.halfTime().plus(life.dividedBy(PATIENCE_OF_RENEWAL)))) {
            findings.wrong(
                    Findings.FAILED,
                    "more than half of its life is over and it was not renewed: nobody can restore any more in "
                            + Span.of(Duration.between(now, pointer.expiresAt())) + " (signed at "
                            + pointer.publishedAt() + ")",
                    renewal);
        }
        if (pointer.publishedAt().isAfter(now.plus(Duration.ofMinutes(5)))) {
            findings.wrong(
                    Findings.FAILED,
                    "it was signed at " + pointer.publishedAt() + ", which is in the future for this machine",
                    "set the clock of this machine, or of the one that publishes");
        }
    }

    private void lookAtAge(Pointer pointer, Instant now, Findings findings) {
        Duration age = Duration.between(pointer.snapshot().createdAt(), now);
        if (!maxAge.isZero() && age.compareTo(maxAge) > 0) {
            findings.wrong(
                    Findings.FAILED,
                    pointer.snapshot() + " was captured " + Span.of(age) + " ago, and may be " + Span.of(maxAge)
                            + " old (caravan.database." + latest.database() + ".max-age)",
                    "look why nothing was published since: the other findings, and the log");
        }
    }

    private void lookAtSnapshot(Pointer pointer) throws CaravanException {
        String key = latest.database() + "/" + pointer.record().path();
        StoredObject object = store.read(key, SignedNote.MAX_BYTES).orElseThrow(() -> absent(key));
        VerifiedNote note = SignedNote.verify(object.bytes(), NoteKind.RECORD, trusted, key);
        if (!note.lineDigest().equals(pointer.record().digest())) {
            throw new DamagedException(
                    "read " + key + ": it is not the record that latest names",
                    "restore cannot go on from it: publish again, and find out who writes to the bucket");
        }
        SnapshotRecord record = RecordFormat.read(note.line(), key);
        requireThere(record, record.manifest());
        requireThere(record, record.chunks());
    }

    private void requireThere(SnapshotRecord record, ObjectRef part) throws CaravanException {
        String key = BucketPaths.ofSnapshot(latest.database(), record.snapshot(), part.path());
        ObjectHead head = store.head(key).orElseThrow(() -> absent(key));
        if (head.size() != part.size()) {
            throw new DamagedException(
                    "look at " + key + ": it has " + head.size() + " bytes, and was signed with " + part.size(),
                    "find out who writes to the bucket; caravan publish " + latest.database()
                            + " makes a new snapshot");
        }
    }

    private DamagedException absent(String key) {
        return new DamagedException(
                "look at " + key + ": it is not in the bucket, although latest leads to it, so nobody can restore",
                "somebody deleted it: look at rules of the bucket that do; caravan publish " + latest.database()
                        + " makes a new snapshot");
    }

    /** What is wrong with what is remembered, another examination says. */
    private long remembered() throws IOException {
        byte[] note = PublisherSight.of(state, latest.database()).pointer();
        try {
            return note.length == 0
                    ? 0
                    : latest.verify(note, "what was published last from here").sequence();
        } catch (CaravanException e) {
            return 0;
        }
    }
}
