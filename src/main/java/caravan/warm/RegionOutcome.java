package caravan.warm;

import caravan.failure.TransientException;
import caravan.snapshot.BucketPaths;

/** What the warm-up of one region has come to, for reports and for people. Safe for many threads. */
final class RegionOutcome {

    private final Region region;

    private final WarmRun run;

    private final Rounds rounds;

    private final FaultLog faults;

    private final PassTally cold;

    private final PassTally warm;

    /** Tells by what is noted in the others, while and after it goes on. */
    RegionOutcome(Region region, WarmRun run, Rounds rounds, FaultLog faults, PassTally cold, PassTally warm) {
        this.region = region;
        this.run = run;
        this.rounds = rounds;
        this.faults = faults;
        this.cold = cold;
        this.warm = warm;
    }

    /**
     * How it stands.
     *
     * @param now as {@link System#nanoTime}
     * @param finished whether no fetch is under way any more
     * @param stopped why it was ended before its time; empty if it was not
     * @param givenUp whether that was because its objects cannot be asked for
     */
    RegionReport report(long now, boolean finished, String stopped, boolean givenUp) {
        PassReport first = cold.report(now);
        RegionState state = finished ? stateAfter(first, stopped, givenUp) : RegionState.GOING;
        return new RegionReport(
                region.name(),
                region.vantage().kind(),
                state,
                state == RegionState.OK || state == RegionState.GOING ? "" : reason(first, stopped),
                faults.pops(),
                faults.errors(),
                faults.elsewhere(),
                faults.first(),
                first,
                warm.report(now));
    }

    /**
     * Lets pass what people need not hear of.
     *
     * @throws TransientException with the whole story in one line if it did not go well
     */
    void requireWarm(RegionReport report) throws TransientException {
        boolean damage = report.faults().stream().anyMatch(WarmFault::isDamage);
        if (!report.isTrouble() || (run.onlyLooksAgain() && !damage)) {
            return;
        }
        throw new TransientException(
                "warm " + region.name() + " for " + run.database() + " " + run.snapshot() + ": "
                        + report.state().wireName() + ", " + report.cold().objects() + " of "
                        + run.plan().size() + " objects came, " + report.reason()
                        + (report.faults().isEmpty()
                                ? ""
                                : "; first " + report.faults().get(0)),
                "the snapshot is published all the same, and users there fetch it from further away; see "
                        + BucketPaths.ofSnapshot(run.database(), run.snapshot(), BucketPaths.REGIONS));
    }

    private RegionState stateAfter(PassReport first, String stopped, boolean givenUp) {
        if (first.objects() + rounds.passedOver() == run.plan().size()
                && stopped.isEmpty()
                && warm.objects() == rounds.sampled()) {
            return RegionState.OK;
        }
        if (faults.elsewhere() > first.objects()) {
            return RegionState.WRONG_POP;
        }
        boolean trouble = givenUp || faults.errors() > 0;
        return first.objects() + warm.objects() == 0 && trouble ? RegionState.FAILED : RegionState.PARTIAL;
    }

    private String reason(PassReport first, String stopped) {
        if (!stopped.isEmpty()) {
            return stopped;
        }
        long missing = run.plan().size() - first.objects() - rounds.passedOver();
        return (missing > 0 ? missing + " objects did not come: " : "the second look found: ") + faults.last();
    }
}
