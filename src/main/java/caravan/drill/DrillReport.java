package caravan.drill;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What came of one drill.
 *
 * @param database published name
 * @param snapshot that was restored
 * @param at when it ended
 * @param verdict whether the snapshot is what it should be; if not, nobody should restore it
 * @param text what was found, in one line for people
 * @param height of the last finalized block in the restored database, or its best block if it says no more; 0 if it
 *     does not say
 * @param bytesFetched through the public address
 * @param took from the first request to the end of the last check
 */
public record DrillReport(
        DatabaseName database,
        SnapshotId snapshot,
        Instant at,
        Verdict verdict,
        String text,
        long height,
        long bytesFetched,
        Duration took) {

    private static final int LONGEST = 600;

    /** The text becomes one line of a length that a record takes. */
    public DrillReport {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(at, "at");
        text = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029\\s]+", " ").strip();
        text = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        requireNonNull(took, "took");
        requireNonNull(verdict, "verdict");
    }

    /** Whether the snapshot is what it should be. */
    public boolean passed() {
        return verdict.isGood();
    }

    /** Whether nobody should restore the snapshot. */
    public boolean isBad() {
        return !passed();
    }

    /** For record, catalog and page, for example {@code passed 2026-11-22T09:00:00Z: …}. */
    public String line() {
        return (passed() ? "passed " : "failed ") + at.truncatedTo(ChronoUnit.SECONDS) + ": " + text;
    }
}
