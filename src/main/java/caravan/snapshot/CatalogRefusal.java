package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * A snapshot in a {@link Catalog} that was found bad. {@code latest} does not lead to it, or not for long.
 *
 * @param id of the snapshot
 * @param at when it was found bad, in whole seconds
 * @param why for people, in one line
 */
public record CatalogRefusal(SnapshotId id, Instant at, String why) {

    /** The order in which they are listed. */
    public static final Comparator<CatalogRefusal> NEWEST_FIRST = Comparator.comparing(CatalogRefusal::at)
            .thenComparing(refusal -> refusal.id().toString())
            .reversed();

    private static final int LONGEST = 300;

    /** Cuts what is longer than a catalog has room for. */
    public CatalogRefusal {
        requireNonNull(id, "id");
        at = at.truncatedTo(ChronoUnit.SECONDS);
        why = why.length() <= LONGEST ? why : why.substring(0, endOfWhole(why)) + "…";
    }

    /** Not between the two halves of a character. */
    private static int endOfWhole(String why) {
        return Character.isHighSurrogate(why.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    }
}
