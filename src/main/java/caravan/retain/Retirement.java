package caravan.retain;

import caravan.failure.CaravanException;
import caravan.snapshot.BucketPaths;
import caravan.store.ObjectStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots away whose promise is over. The record first: without it there is no snapshot, and what is left of one
 * is found by the next collection. For one use by one thread.
 */
final class Retirement {

    private static final Logger LOG = LoggerFactory.getLogger(Retirement.class);

    private final ObjectStore store;

    private final SignedSnapshots signed;

    private final RetentionRules rules;

    private final Path directory;

    private final Clock clock;

    private final List<Verdict> gone = new ArrayList<>();

    Retirement(ObjectStore store, SignedSnapshots signed, RetentionRules rules, Path directory, Clock clock) {
        this.store = store;
        this.signed = signed;
        this.rules = rules;
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Takes away the snapshots that were to go and still are.
     *
     * @return {@code planned}, with what became of it
     */
    List<Verdict> retire(List<Verdict> planned, Lease lease) throws CaravanException {
        if (planned.stream().allMatch(verdict -> verdict.reason().keeps())) {
            return planned;
        }
        Map<ListedDatabase.Name, Verdict> now = new HashMap<>();
        // The deletions may have taken hours. Somebody may have pinned a snapshot, or made its promise longer.
        try (BucketSurvey survey = BucketSurvey.of(store, directory)) {
            RetentionReport.requireClear(survey.unclearPins());
            Verdicts.of(survey, signed, rules, clock.instant()).all().forEach(one -> now.put(one.name(), one));
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (Verdict verdict : planned) {
            Verdict last = verdict.reason().keeps() ? verdict : now.getOrDefault(verdict.name(), verdict);
            verdicts.add(last);
            if (!last.reason().keeps()) {
                lease.renew();
                takeAway(last);
            }
        }
        return verdicts;
    }

    /** Those that were taken away until now. */
    List<Verdict> gone() {
        return List.copyOf(gone);
    }

    private void takeAway(Verdict verdict) throws CaravanException {
        for (String name : BucketPaths.OF_A_SNAPSHOT) {
            store.remove(BucketPaths.ofSnapshot(verdict.database(), verdict.snapshot(), name));
            if (name.equals(BucketPaths.RECORD)) {
                gone.add(verdict);
            }
        }
        LOG.info(
                "{}: {} is gone: {}",
                verdict.database(),
                verdict.snapshot(),
                verdict.reason().words());
    }
}
