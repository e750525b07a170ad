package caravan.retain;

import caravan.failure.CaravanException;
import caravan.publish.PublishedHistory;
import caravan.retain.Verdict.Reason;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Decides about every snapshot of a survey, and reads every record and pointer for it: one that cannot be read fails, and
 * nothing is decided.
 */
final class Verdicts {

    /** After that nobody who began a publication goes on with it. */
    private static final Duration FORSAKEN = PublishedHistory.SESSION_LIFETIME.plusDays(1);

    private final List<Verdict> all = new ArrayList<>();

    private final Map<ListedDatabase.Name, SnapshotRecord> records = new HashMap<>();

    private Verdicts() {}

    static Verdicts of(BucketSurvey survey, SignedSnapshots signed, RetentionRules rules, Instant now)
            throws CaravanException {
        Verdicts verdicts = new Verdicts();
        for (ListedDatabase database : survey.databases().values()) {
            verdicts.decide(database, survey, signed, rules, now);
        }
        return verdicts;
    }

    /** By database, the oldest snapshot first. */
    List<Verdict> all() {
        return List.copyOf(all);
    }

    /** Snapshots that may go. */
    List<Verdict> retired() {
        return all.stream().filter(verdict -> !verdict.reason().keeps()).toList();
    }

    Optional<SnapshotRecord> record(Verdict verdict) {
        return Optional.ofNullable(records.get(new ListedDatabase.Name(verdict.database(), verdict.snapshot())));
    }

    private void decide(
            ListedDatabase database, BucketSurvey survey, SignedSnapshots signed, RetentionRules rules, Instant now)
            throws CaravanException {
        Optional<SnapshotId> latest =
                database.isPublished() ? Optional.of(signed.latest(database.name())) : Optional.empty();
        // What latest leads to must be there, also where the listing does not have it yet, or not any more.
        NavigableSet<SnapshotId> ids = new TreeSet<>(ListedDatabase.OLDEST_FIRST);
        ids.addAll(database.snapshots().keySet());
        latest.ifPresent(ids::add);
        // Those that never became the latest, since they were found bad perhaps, take nobody's place among the last.
        List<SnapshotId> complete = database.snapshots().keySet().stream()
                .filter(database::hasRecord)
                .filter(snapshot -> latest.isEmpty()
                        || !snapshot.createdAt().isAfter(latest.get().createdAt()))
                .toList();
        List<SnapshotId> last = complete.subList(Math.max(0, complete.size() - rules.keepLast()), complete.size());
        for (SnapshotId snapshot : ids) {
            boolean isLatest = latest.filter(snapshot::equals).isPresent();
            Optional<SnapshotRecord> record = isLatest || database.hasRecord(snapshot)
                    ? Optional.of(signed.record(database.name(), snapshot))
                    : Optional.empty();
            record.ifPresent(known -> records.put(new ListedDatabase.Name(database.name(), snapshot), known));
            Reason reason;
            if (isLatest) {
                reason = Reason.LATEST;
            } else if (survey.isPinned(database.name(), snapshot)) {
                reason = Reason.PINNED;
            } else if (record.isEmpty()) {
                reason =
                        now.isAfter(database.touchedAt(snapshot).plus(FORSAKEN)) ? Reason.ABANDONED : Reason.UNFINISHED;
            } else if (latest.isEmpty()) {
                reason = Reason.NO_LATEST;
            } else if (!snapshot.createdAt().isBefore(latest.get().createdAt())) {
                reason = Reason.NEWER_THAN_LATEST;
            } else if (!now.isAfter(record.get().retainUntil())) {
                reason = Reason.PROMISED;
            } else {
                reason = last.contains(snapshot) ? Reason.AMONG_LAST : Reason.EXPIRED;
            }
            all.add(new Verdict(
                    database.name(),
                    snapshot,
                    reason,
                    record.map(SnapshotRecord::retainUntil),
                    record.map(known -> known.totals().bytes()).orElse(0L)));
        }
    }
}
