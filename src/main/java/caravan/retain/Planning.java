package caravan.retain;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.retain.RetentionReport.Amount;
import caravan.retain.RetentionReport.Large;
import caravan.retain.Verdict.Reason;
import caravan.snapshot.Digest;
import caravan.store.ListedObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds out what a collection is to do. Changes nothing. */
final class Planning {

    private static final int TOKEN_DIGITS = 8;

    private static final double PERCENT = 100;

    private final SignedSnapshots signed;

    private final NeededChunks needed;

    private final LeftLists lists;

    private final RetentionRules rules;

    Planning(SignedSnapshots signed, NeededChunks needed, LeftLists lists, RetentionRules rules) {
        this.signed = signed;
        this.needed = needed;
        this.lists = lists;
        this.rules = rules;
    }

    /** What is to be done about what {@code survey} has. */
    CollectionPlan plan(BucketSurvey survey, Instant now) throws CaravanException, IOException {
        Verdicts verdicts = Verdicts.of(survey, signed, rules, now);
        Set<Digest> kept = needed.ofKept(survey, verdicts);
        Set<Digest> candidates =
                survey.candidates().isPresent() ? lists.candidates().orElse(Set.of()) : Set.of();
        Optional<Instant> ripeSince = survey.candidates()
                .map(ListedObject::storedAt)
                .map(storedAt -> storedAt.plus(rules.grace()))
                .filter(ripe -> !now.isBefore(ripe));
        // What an earlier collection condemned and did not end with, or listed long enough ago.
        Set<Digest> listed = lists.condemned().orElse(ripeSince.isPresent() ? candidates : Set.of());
        Set<Digest> stillNeeded = new HashSet<>(kept);
        needed.addOfRetired(survey, verdicts, stillNeeded);
        Tally tally = new Tally();
        survey.chunks().each(chunk -> {
            boolean isNeededNow = stillNeeded.contains(chunk.digest());
            if (!kept.contains(chunk.digest())) {
                tally.unneeded = tally.unneeded.and(chunk.size());
                tally.released += isNeededNow ? chunk.size() : 0;
            }
            if (listed.contains(chunk.digest()) && !isNeededNow) {
                tally.due = tally.due.and(chunk.size());
                tally.dueChunks.add(chunk.digest());
            }
        });
        // A grace counts from when a chunk was last needed, and a list of which nothing is left would stay for ever.
        boolean beginsAnew = (ripeSince.isPresent() && tally.dueChunks.isEmpty())
                || candidates.stream().anyMatch(digest -> stillNeeded.contains(digest) && !kept.contains(digest));
        Amount chunks = new Amount(survey.chunks().count(), survey.chunks().bytes());
        return new CollectionPlan(
                new RetentionReport(
                        verdicts.all(),
                        survey.unclearPins(),
                        chunks,
                        tally.unneeded,
                        tally.due,
                        ripeSince.filter(since -> tally.due.objects() > 0),
                        Amount.NONE,
                        List.of(),
                        large(chunks, tally, verdicts.retired())),
                tally.dueChunks,
                beginsAnew);
    }

    private static final class Tally {
        private Amount unneeded = Amount.NONE;
        private long released;
        private Amount due = Amount.NONE;
        private final Set<Digest> dueChunks = new TreeSet<>();
    }

    private Large large(Amount chunks, Tally tally, List<Verdict> retired) {
        List<String> why = new ArrayList<>();
        long most = Math.max(tally.released, tally.due.bytes());
        if (most > chunks.bytes() * (rules.largestShare() / PERCENT)) {
            why.add("more than " + rules.largestShare() + " % of the " + chunks.bytes() + " bytes of all chunks");
        }
        // Pieces of a publication that ended early are no snapshot that anybody restores.
        Map<String, Long> byDatabase = retired.stream()
                .filter(verdict -> verdict.reason() == Reason.EXPIRED)
                .collect(Collectors.groupingBy(
                        verdict -> verdict.database().value(), TreeMap::new, Collectors.counting()));
        byDatabase.forEach((database, count) -> {
            if (count > rules.mostSnapshots()) {
                why.add(count + " snapshots of " + database + ", which is more than " + rules.mostSnapshots()
                        + " at once,");
            }
        });
        return why.isEmpty()
                ? Large.NOT
                : new Large(tokenOf(retired, tally.dueChunks), String.join(" and ", why) + " would go");
    }

    private static String tokenOf(List<Verdict> retired, Set<Digest> due) {
        StringBuilder plan = new StringBuilder();
        retired.forEach(verdict -> plan.append(verdict.database())
                .append('/')
                .append(verdict.snapshot())
                .append('\n'));
        due.forEach(digest -> plan.append(digest.hex()).append('\n'));
        return Digest.of(plan.toString().getBytes(UTF_8)).hex().substring(0, TOKEN_DIGITS);
    }
}
