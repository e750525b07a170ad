package caravan.retain;

import java.util.List;

/**
 * What a collection did, or would do.
 *
 * @param verdicts about each snapshot, by database, the oldest first
 * @param chunks all that are stored
 * @param unneeded those that no kept snapshot needs
 * @param due those of them that were found unneeded long enough ago, and may be deleted now
 * @param collected those that were deleted
 * @param postponedFor publications under way, for which the due ones were left alone
 * @param token what must be said to delete so much; empty if nothing needs to be said
 */
public record RetentionReport(
        List<Verdict> verdicts,
        Amount chunks,
        Amount unneeded,
        Amount due,
        Amount collected,
        List<String> postponedFor,
        String token) {

    /** Copies the lists. */
    public RetentionReport {
        verdicts = List.copyOf(verdicts);
        postponedFor = List.copyOf(postponedFor);
    }

    /** Some objects. */
    public record Amount(long objects, long bytes) {

        static final Amount NONE = new Amount(0, 0);

        Amount and(long size) {
            return new Amount(objects + 1, bytes + size);
        }
    }

    /** Snapshots that go. */
    public List<Verdict> retired() {
        return verdicts.stream().filter(verdict -> !verdict.reason().keeps()).toList();
    }
}
