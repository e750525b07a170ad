package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.Retries;
import caravan.restore.source.SourcePool;
import caravan.signature.NoteKind;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Follows the chain of trust: pointer, record, and what the record says about the manifest. Nothing is parsed before
 * its signature is found good.
 *
 * <p>Every source is asked. The pointer with the highest sequence that can be accepted counts, so that one source that
 * is behind, or serves what was true last month, does not decide; it is noted. What cannot be accepted is asked for
 * again past the caches on the way, before it is refused.
 */
final class SnapshotFinder {

    /** How long the others may take once one has answered; the first of them has more time. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final SourcePool pool;
    private final Retries retries;
    private final TrustedKeys trusted;
    private final SequenceMemory sequences;
    private final Clock clock;

    SnapshotFinder(SourcePool pool, Retries retries, TrustedKeys trusted, SequenceMemory sequences, Clock clock) {
        this.pool = pool;
        this.retries = retries;
        this.trusted = trusted;
        this.sequences = sequences;
        this.clock = clock;
    }

    /** A pointer, the trusted keys that signed it, and where it lay. */
    private record FoundPointer(Pointer pointer, List<String> signers, String what) {

        long sequence() {
            return pointer.sequence();
        }
    }

    /**
     * The snapshot that {@code location} means.
     *
     * @throws DamagedException if a signature, a hash or a name does not match
     * @throws RefusedException if the pointer is expired or older than one that was accepted
     */
    FoundSnapshot find(SnapshotLocation location) throws CaravanException, InterruptedException {
        DatabaseName database = location.database();
        if (!location.snapshots().isEmpty()) {
            SnapshotId snapshot = location.snapshots().get(0);
            return longestKept(survey(GRACE, true)
                    .ask((source, patient) -> found(source, patient, database, snapshot, List.of(), false))
                    .answers());
        }
        Survey.Heard<FoundPointer> heard = pointers(database, false);
        try {
            return followed(heard, database, false);
        } catch (DamagedException e) {
            // The two may be of different publications: both were signed anew meanwhile, or a cache has one that was.
            return followed(pointers(database, true), database, true);
        }
    }

    private Survey.Heard<FoundPointer> pointers(DatabaseName database, boolean pastCaches)
            throws CaravanException, InterruptedException {
        return survey(GRACE, true).ask((source, patient) -> pointer(source, patient, database, pastCaches));
    }

    private FoundSnapshot followed(Survey.Heard<FoundPointer> heard, DatabaseName database, boolean pastCaches)
            throws CaravanException, InterruptedException {
        FoundPointer latest = accepted(heard.answers());
        SnapshotId snapshot = snapshotOf(latest.pointer().record(), latest.what());
        return longestKept(survey(Duration.ZERO, false)
                        .ask((source, patient) ->
                                found(source, patient, database, snapshot, List.of(latest.pointer()), pastCaches))
                        .answers())
                .without(heard.silent().stream().map(pool::name).toList());
    }

    private Survey survey(Duration grace, boolean strict) {
        return new Survey(pool, retries, grace, strict);
    }

    /** The promise is the latest that was signed. */
    private static FoundSnapshot longestKept(List<Survey.Answer<FoundSnapshot>> answers) {
        return answers.stream()
                .map(Survey.Answer::value)
                .max(Comparator.comparing(found -> found.record().retainUntil()))
                .orElseThrow();
    }

    private FoundPointer pointer(ObjectSource source, Retries patient, DatabaseName database, boolean pastCaches)
            throws CaravanException, InterruptedException {
        String path = BucketPaths.latest(database);
        String what = source.locate(path);
        return read(source, patient, path, NoteKind.POINTER, pastCaches, note -> pointer(note, database, what));
    }

    private <T> T read(
            ObjectSource source,
            Retries patient,
            String path,
            NoteKind kind,
            boolean pastCaches,
            NoteReading.Judgement<T> judgement)
            throws CaravanException, InterruptedException {
        NoteReading reading = new NoteReading(source, patient, trusted, clock);
        return pastCaches ? reading.readPastCaches(path, kind, judgement) : reading.read(path, kind, judgement);
    }

    private FoundPointer pointer(VerifiedNote note, DatabaseName database, String what) throws CaravanException {
        Pointer pointer = PointerFormat.read(note.line(), what);
        if (!pointer.database().equals(database)) {
            throw new DamagedException(
                    what + " is the pointer of " + pointer.database() + ", not of " + database,
                    "the server mixes up databases; tell the publisher");
        }
        if (!clock.instant().isBefore(pointer.expiresAt())) {
            throw new RefusedException(
                    what + " expired at " + pointer.expiresAt() + "; it was signed at " + pointer.publishedAt(),
                    "the publisher stopped, a cache serves an old copy, or the clock of this machine is wrong; a"
                            + " snapshot can be fetched by its own URL: .../" + database + "/<snapshot>");
        }
        sequences.requireNotBehind(pointer, note.fingerprints(), what);
        return new FoundPointer(pointer, note.fingerprints(), what);
    }

    /** The highest that can be accepted; sources that say another are noted. */
    private FoundPointer accepted(List<Survey.Answer<FoundPointer>> answers) throws CaravanException {
        List<Survey.Answer<FoundPointer>> highestFirst = new ArrayList<>(answers);
        highestFirst.sort(Comparator.comparingLong(
                        (Survey.Answer<FoundPointer> answer) -> answer.value().sequence())
                .reversed());
        CaravanException refusal = null;
        for (Survey.Answer<FoundPointer> answer : highestFirst) {
            FoundPointer found = answer.value();
            try {
                sequences.accept(found.pointer(), found.signers(), found.what());
                remarkOthers(answers, found.sequence());
                return found;
            } catch (RefusedException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        throw requireNonNull(refusal, "a survey without answers has failed");
    }

    private void remarkOthers(List<Survey.Answer<FoundPointer>> answers, long accepted) {
        for (Survey.Answer<FoundPointer> answer : answers) {
            long sequence = answer.value().sequence();
            if (sequence != accepted) {
                pool.remark(
                        answer.member(),
                        (sequence < accepted ? "is behind: its pointer has sequence " : "its pointer has sequence ")
                                + sequence + ", accepted is " + accepted);
            }
        }
    }

    private FoundSnapshot found(
            ObjectSource source,
            Retries patient,
            DatabaseName database,
            SnapshotId snapshot,
            List<Pointer> pointers,
            boolean pastCaches)
            throws CaravanException, InterruptedException {
        String path = BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD);
        String what = source.locate(path);
        return read(source, patient, path, NoteKind.RECORD, pastCaches, note -> {
            for (Pointer pointer : pointers) {
                requireNamed(note, pointer.record(), what);
            }
            boolean overdue =
                    pointers.stream().anyMatch(pointer -> clock.instant().isAfter(pointer.halfTime()));
            return new FoundSnapshot(
                    pointers, record(note, database, snapshot, what), note.fingerprint(), List.of(), overdue);
        });
    }

    private static void requireNamed(VerifiedNote note, ObjectRef expected, String what) throws DamagedException {
        if (note.lineSize() != expected.size() || !note.lineDigest().equals(expected.digest())) {
            throw new DamagedException(
                    what + " is not the record that the pointer names: its line has " + note.lineSize() + " bytes and "
                            + note.lineDigest() + ", the pointer says " + expected.size() + " bytes and "
                            + expected.digest(),
                    "a cache on the way mixes two publications; try again in a minute");
        }
    }

    private static SnapshotRecord record(VerifiedNote note, DatabaseName database, SnapshotId snapshot, String what)
            throws DamagedException {
        SnapshotRecord record = RecordFormat.read(note.line(), what);
        if (!record.database().equals(database) || !record.snapshot().equals(snapshot)) {
            throw new DamagedException(
                    what + " is the record of snapshot " + record.snapshot() + " of " + record.database(),
                    "the server mixes up snapshots; tell the publisher");
        }
        requireName(record.manifest(), BucketPaths.MANIFEST, what);
        requireName(record.chunks(), BucketPaths.CHUNKS, what);
        return record;
    }

    private static void requireName(ObjectRef object, String name, String what) throws DamagedException {
        if (!object.path().equals(name)) {
            throw new DamagedException(
                    what + " names \"" + object.path() + "\" where format v1 has " + name, "use a newer client");
        }
    }

    private static SnapshotId snapshotOf(ObjectRef record, String what) throws DamagedException {
        String suffix = "/" + BucketPaths.RECORD;
        try {
            if (record.path().endsWith(suffix)) {
                return SnapshotId.parse(record.path().substring(0, record.path().length() - suffix.length()));
            }
            throw new IllegalArgumentException("it does not end in " + suffix);
        } catch (IllegalArgumentException e) {
            throw new DamagedException(
                    what + " names the record \"" + record.path() + "\": " + e.getMessage(), "use a newer client", e);
        }
    }
}
