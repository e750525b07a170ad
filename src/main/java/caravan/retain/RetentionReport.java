package caravan.retain;

import static java.util.Objects.requireNonNull;

import caravan.failure.RefusedException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a collection did, or would do.
 *
 * @param verdicts about each snapshot, by database, the oldest first
 * @param unclearPins names of pins that name no snapshot that is there: while there are some, nothing is deleted
 * @param chunks all that are stored
 * @param unneeded those that no kept snapshot needs
 * @param due those of them that were found unneeded long enough ago, and may be deleted now
 * @param dueSince since when they may be; nothing if none may
 * @param collected those that were deleted
 * @param postponedFor publications under way, for which the due ones were left alone
 * @param large whether much would go, and what
 */
public record RetentionReport(
        List<Verdict> verdicts,
        List<String> unclearPins,
        Amount chunks,
        Amount unneeded,
        Amount due,
        Optional<Instant> dueSince,
        Amount collected,
        List<String> postponedFor,
        Large large) {

    /** Copies the lists. */
    public RetentionReport {
        verdicts = List.copyOf(verdicts);
        unclearPins = List.copyOf(unclearPins);
        postponedFor = List.copyOf(postponedFor);
        requireNonNull(large, "large");
    }

    /**
     * Whether so much would go that somebody has to say so.
     *
     * @param token what must be said; empty if nothing needs to be said, or it was
     * @param why what would go, in words; empty with the token
     */
    public record Large(String token, String why) {

        static final Large NOT = new Large("", "");
    }

    /** Some objects. */
    public record Amount(long objects, long bytes) {

        static final Amount NONE = new Amount(0, 0);

        Amount and(long size) {
            return new Amount(objects + 1, bytes + size);
        }

        Amount and(Amount other) {
            return new Amount(objects + other.objects, bytes + other.bytes);
        }
    }

    /** What must be said to delete so much; empty if nothing needs to be said. */
    public String token() {
        return large.token();
    }

    /** Whether much would go, and {@code said} is not the token for it. */
    boolean isLargeFor(String said) {
        return !token().isEmpty() && !token().equals(said);
    }

    /** Snapshots that go. */
    public List<Verdict> retired() {
        return verdicts.stream().filter(verdict -> !verdict.reason().keeps()).toList();
    }

    /**
     * Lets pass a bucket whose pins are understood.
     *
     * @throws RefusedException if one is not: what it is to keep may be about to go
     */
    public void requireClearPins() throws RefusedException {
        requireClear(unclearPins);
    }

    static void requireClear(List<String> unclearPins) throws RefusedException {
        if (!unclearPins.isEmpty()) {
            throw new RefusedException(
                    "collect: no snapshot is called so: " + String.join(", ", unclearPins) + ": nothing is deleted",
                    "somebody wants something kept, and what is not known; a pin is called"
                            + " _control/pins/<database>/<snapshot>: correct its name, or remove it if its snapshot is gone");
        }
    }

    /**
     * Lets pass what {@code said} confirms, or what needs no word.
     *
     * @throws RefusedException if much would go and something else was said
     */
    void requireToken(String said) throws RefusedException {
        if (isLargeFor(said)) {
            throw new RefusedException(
                    "collect: " + large.why() + ": nothing was deleted",
                    "look at what caravan retain says; if it is right: caravan retain --confirm=" + token());
        }
    }

    RetentionReport after(List<Verdict> became, Amount deleted, List<String> publications) {
        return new RetentionReport(
                became, unclearPins, chunks, unneeded, due, dueSince, deleted, publications, Large.NOT);
    }
}
