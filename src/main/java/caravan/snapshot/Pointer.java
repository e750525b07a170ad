package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/**
 * Which record is the latest of a database: the one object that clients poll.
 *
 * @param database published name
 * @param sequence from 1; only rises, by 1 each time the pointer is signed
 * @param runId of the run that signed it; tells a lost answer from a lost race
 * @param publishedAt when it was signed
 * @param expiresAt from when on a client refuses it
 * @param record path of the record relative to the database's directory, and its first line's size and digest
 */
public record Pointer(
        DatabaseName database, long sequence, String runId, Instant publishedAt, Instant expiresAt, ObjectRef record) {

    /** Value of the field {@code format}. */
    public static final String FORMAT = "caravan-pointer-1";

    /** Largest sequence that every JSON reader keeps exactly. */
    public static final long MAX_SEQUENCE = (1L << 53) - 1;

    /** Checks the sequence and the period. */
    public Pointer {
        requireNonNull(database, "database");
        requireNonNull(runId, "runId");
        requireNonNull(publishedAt, "publishedAt");
        requireNonNull(record, "record");
        if (sequence < 1 || sequence > MAX_SEQUENCE) {
            throw new IllegalArgumentException("a sequence is between 1 and " + MAX_SEQUENCE + ", not " + sequence);
        }
        if (!expiresAt.isAfter(publishedAt)) {
            throw new IllegalArgumentException("a pointer expires after it is published");
        }
    }

    /** When its publisher is to sign it again, even if nothing is new. */
    public Instant halfTime() {
        return publishedAt.plus(Duration.between(publishedAt, expiresAt).dividedBy(2));
    }

    /**
     * The snapshot whose record this is.
     *
     * @throws IllegalArgumentException if the record's path is not {@code <snapshot>/record}
     */
    public SnapshotId snapshot() {
        String path = record.path();
        int slash = path.indexOf('/');
        if (slash < 0 || !path.substring(slash + 1).equals(BucketPaths.RECORD)) {
            throw new IllegalArgumentException("a pointer names <snapshot>/" + BucketPaths.RECORD + ", not " + path);
        }
        return SnapshotId.parse(path.substring(0, slash));
    }
}
