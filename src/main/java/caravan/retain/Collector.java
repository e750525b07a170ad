package caravan.retain;

import static java.util.Objects.requireNonNull;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.pace.Undisturbed;
import caravan.publish.DigestList;
import caravan.retain.RetentionReport.Amount;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.store.CreateOutcome;
import caravan.store.ListedObject;
import caravan.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what no kept snapshot needs, in two collections that lie the grace apart: one takes away the snapshots whose
 * promise is over and lists the chunks that nothing needs then, the next deletes those of them that nothing needs still.
 *
 * <p>It asks no publisher and holds none up. A publication registers its session, then reads the list of condemned
 * chunks; a collector writes that list, then reads the sessions, and takes the list back if one is alive. So of the two at least
 * one sees the other: either nothing is deleted, or the publication relies on no condemned chunk (docs/adr/0023). It may be
 * killed at any moment; the next one goes on. For one use by one thread; any other may stop it.
 */
public final class Collector {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    /** S3 takes no request that was signed longer ago than 15 minutes. */
    private static final Duration LATEST_ARRIVAL = Duration.ofMinutes(20);

    private final ObjectStore store;

    private final ObjectStore once;

    private final ObjectStore atOnce;

    /** The store, until this is told to stop; what must be put in order then goes by the other. */
    private final ObjectStore work;

    private final SignedSnapshots signed;

    private final NeededChunks needed;

    private final LeftLists lists;

    private final Planning planning;

    private final Retirement retirement;

    private final RetentionRules rules;

    private final Path directory;

    private final Clock clock;

    private final LongSupplier nanoTime;

    private final int batchSize;

    private volatile boolean stopped;

    private Amount deleted = Amount.NONE;

    /**
     * A collector of what is in {@code store}.
     *
     * @param store tries again by itself; must list what was stored a moment ago
     * @param once the same, with one attempt for each call
     * @param atOnce the same, and it waits for nothing: for the last words of one that ends
     * @param trusted who may have signed what is kept
     * @param directory for lists while it works
     * @param nanoTime time that passes, in nanoseconds, by a clock that nobody sets
     */
    public Collector(
            ObjectStore store,
            ObjectStore once,
            ObjectStore atOnce,
            TrustedKeys trusted,
            RetentionRules rules,
            Path directory,
            Clock clock,
            LongSupplier nanoTime) {
        this(store, once, atOnce, trusted, rules, directory, clock, nanoTime, Deletion.BATCH);
    }

    /** The same with another number of deletions between two looks at the lease. */
    Collector(
            ObjectStore store,
            ObjectStore once,
            ObjectStore atOnce,
            TrustedKeys trusted,
            RetentionRules rules,
            Path directory,
            Clock clock,
            LongSupplier nanoTime,
            int batchSize) {
        this.store = requireNonNull(store, "store");
        this.once = requireNonNull(once, "once");
        this.atOnce = requireNonNull(atOnce, "atOnce");
        this.work = new StoppableStore(store, () -> stopped);
        this.rules = requireNonNull(rules, "rules");
        this.directory = requireNonNull(directory, "directory");
        this.clock = requireNonNull(clock, "clock");
        this.nanoTime = requireNonNull(nanoTime, "nanoTime");
        this.batchSize = batchSize;
        this.signed = new SignedSnapshots(work, requireNonNull(trusted, "trusted"));
        this.needed = new NeededChunks(signed);
        this.lists = new LeftLists(work);
        this.planning = new Planning(signed, needed, lists, rules);
        this.retirement = new Retirement(work, signed, rules, directory, clock);
    }

    /**
     * What {@link #collect} would do now. Writes nothing into the bucket.
     *
     * @throws caravan.failure.DamagedException if something that is kept cannot be read or believed
     */
    public RetentionReport plan() throws CaravanException {
        try (BucketSurvey survey = survey()) {
            return planning.plan(survey, clock.instant()).report();
        } catch (IOException e) {
            throw onDisk(e);
        }
    }

    /**
     * Does it.
     *
     * @param holder names this run among all collectors, in one line
     * @param token what {@link RetentionReport#token} said; anything where it said nothing
     * @throws RefusedException if the token is another, a pin is not understood, or this machine's clock is wrong; nothing
     *     was changed
     * @throws caravan.failure.DamagedException if something that is kept cannot be read or believed; nothing was deleted
     * @throws TransientException if another collector is at work, the store did not answer, or this one was told to stop;
     *     what was begun is gone on with by the next call, and {@link #collected} says how far it came
     */
    public RetentionReport collect(String holder, String token) throws CaravanException, InterruptedException {
        RetentionReport report = collectUnlessLarge(holder, token);
        report.requireToken(token);
        return report;
    }

    /**
     * The same, but where a token would have to be said and is not, nothing is changed, and the report has the token.
     *
     * @param token what somebody said; empty for nothing
     */
    public RetentionReport collectUnlessLarge(String holder, String token)
            throws CaravanException, InterruptedException {
        try (Lease lease = Lease.take(store, atOnce, holder, clock, nanoTime);
                Deletion deletion = new Deletion(once, lease, batchSize, () -> stopped)) {
            RetentionReport planned;
            CollectionPlan plan;
            try (BucketSurvey survey = survey()) {
                plan = planning.plan(survey, clock.instant());
                planned = plan.report();
                planned.requireClearPins();
                if (planned.isLargeFor(token)) {
                    return planned;
                }
            }
            List<String> postponedFor =
                    plan.due().isEmpty() && !isCondemned() ? List.of() : sweep(plan.due(), lease, deletion);
            if (plan.beginsAnew()) {
                // Before a snapshot goes: else what it needs might be due at once.
                work.remove(BucketPaths.candidates());
            }
            List<Verdict> verdicts = retirement.retire(planned.verdicts(), lease);
            if (postponedFor.isEmpty()) {
                listCandidates();
            }
            return planned.after(verdicts, deletion.deleted(), postponedFor);
        } catch (IOException e) {
            throw onDisk(e);
        }
    }

    /**
     * The same as {@link #collect}, or {@link #collectUnlessLarge} where no token is given; how it ended and what it took
     * away until then is in the answer.
     */
    public EndedCollection collectToTheEnd(String holder, Optional<String> token) throws InterruptedException {
        try {
            RetentionReport report = token.isPresent() ? collect(holder, token.get()) : collectUnlessLarge(holder, "");
            return new EndedCollection(collected(), new EndedCollection.Outcome.Reported(report));
        } catch (CaravanException e) {
            return new EndedCollection(collected(), new EndedCollection.Outcome.Failed(e));
        }
    }

    /** What was taken away until now, also if {@link #collect} failed. */
    public Collected collected() {
        return new Collected(deleted, retirement.gone());
    }

    /**
     * Ends {@link #collect} soon, with a {@link TransientException}: what was sent is waited for, nothing more is, and the
     * bucket is left so that nobody has to wait. May be called by any thread.
     */
    public void stop() {
        stopped = true;
    }

    /** Deletes what is due, or says for whom it was left alone. */
    private List<String> sweep(Set<Digest> due, Lease lease, Deletion deletion)
            throws CaravanException, IOException, InterruptedException {
        boolean isOurs = work.create(BucketPaths.condemned(), DigestList.of(due)) == CreateOutcome.CREATED;
        try {
            // From here on whoever begins to publish sees the list. Whoever began before is alive now, or has
            // ended, and then what it made is in the listing that follows: never the other way round.
            Instant now = clock.instant();
            List<String> alive = new Sessions(work).alive(now);
            try (BucketSurvey survey = survey()) {
                if (!isOurs) {
                    requireSettled(survey, now);
                }
                if (!alive.isEmpty()) {
                    takeListBack(lease);
                    return alive;
                }
                delete(due, survey, now, deletion);
            }
            deletion.finish();
        } catch (CaravanException e) {
            takeListBackIfStopped(isOurs, lease, deletion);
            throw e;
        } finally {
            deleted = deletion.deleted();
        }
        // A call that may be carried out late keeps its chunk condemned until the next collection.
        deletion.requireClear();
        lease.renew();
        store.remove(BucketPaths.candidates());
        takeListBack(lease);
        LOG.info("{} chunks deleted", deletion.deleted().objects());
        return List.of();
    }

    private void delete(Set<Digest> due, BucketSurvey survey, Instant now, Deletion deletion)
            throws CaravanException, IOException {
        Set<Digest> stillNeeded = needed.ofAll(survey, Verdicts.of(survey, signed, rules, now));
        Set<Digest> condemned = lists.condemned().orElse(Set.of());
        survey.chunks().each(chunk -> {
            // What was planned, and confirmed, and no more.
            boolean isDue = due.contains(chunk.digest()) && condemned.contains(chunk.digest());
            if (isDue && !stillNeeded.contains(chunk.digest())) {
                try {
                    deletion.delete(chunk);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            }
        });
    }

    /** One attempt: an earlier one that is carried out late would take away the list of the next collection. */
    private void takeListBack(Lease lease) throws CaravanException {
        lease.requireHeld();
        lease.outliveCollector();
        atOnce.remove(BucketPaths.condemned());
        lease.endWithCollector();
    }

    /**
     * After a stop, publications need not wait for the next collection before they may use what is on our list again: all
     * that was asked for is done. What is still to be deleted is among the candidates.
     */
    private void takeListBackIfStopped(boolean isOurs, Lease lease, Deletion deletion) throws CaravanException {
        if (stopped && isOurs && deletion.isClear()) {
            // A wait that was ended leaves it behind, and it would end this, too.
            Undisturbed.run(() -> takeListBack(lease));
        }
    }

    /** A deletion of the collection that made the list, whose answer was lost, may be carried out for so long. */
    private static void requireSettled(BucketSurvey survey, Instant now) throws TransientException {
        Optional<Instant> settled =
                survey.condemned().map(list -> list.storedAt().plus(LATEST_ARRIVAL));
        if (settled.filter(now::isBefore).isPresent()) {
            throw new TransientException(
                    "collect: the collection before this one ended in its midst, and what it asked for last may still be"
                            + " carried out",
                    "run it again after " + settled.get());
        }
    }

    /** Lists what nothing needs, for the next collection; a list that is there already goes on ripening. */
    private void listCandidates() throws CaravanException, IOException {
        try (BucketSurvey survey = survey()) {
            if (survey.candidates().isEmpty()) {
                Instant now = clock.instant();
                Set<Digest> stillNeeded = needed.ofAll(survey, Verdicts.of(survey, signed, rules, now));
                Set<Digest> candidates = new TreeSet<>();
                survey.chunks().each(chunk -> {
                    boolean isOld = chunk.storedAt().plus(rules.grace()).isBefore(now);
                    if (isOld && !stillNeeded.contains(chunk.digest()) && candidates.size() < DigestList.LONGEST) {
                        candidates.add(chunk.digest());
                    }
                });
                if (!candidates.isEmpty()) {
                    work.create(BucketPaths.candidates(), DigestList.of(candidates));
                }
            }
            tidy(survey);
        }
    }

    /** Notes that say nothing any more. */
    private void tidy(BucketSurvey survey) throws CaravanException {
        Instant now = clock.instant();
        for (ListedObject session : survey.sessions()) {
            if (now.isAfter(Sessions.over(session))) {
                work.remove(session.key());
            }
        }
        for (ListedObject announcement : survey.announcements()) {
            if (now.isAfter(Sessions.over(announcement))) {
                work.remove(announcement.key());
            }
        }
    }

    private boolean isCondemned() throws CaravanException {
        return work.head(BucketPaths.condemned()).isPresent();
    }

    private BucketSurvey survey() throws CaravanException {
        return BucketSurvey.of(work, directory);
    }

    private CaravanException onDisk(IOException failure) {
        return DiskFailures.of("collect, with lists in " + directory, failure);
    }
}
