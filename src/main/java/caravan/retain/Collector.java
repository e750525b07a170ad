package caravan.retain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * killed at any moment; the next one goes on. For one use by one thread.
 */
public final class Collector {

    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);

    private static final int TOKEN_DIGITS = 8;

    private static final double PERCENT = 100;

    /** S3 takes no request that was signed longer ago than 15 minutes. */
    private static final Duration LATEST_ARRIVAL = Duration.ofMinutes(20);

    private final ObjectStore store;

    private final ObjectStore once;

    private final SignedSnapshots signed;

    private final RetentionRules rules;

    private final Path directory;

    private final Clock clock;

    private final LongSupplier nanoTime;

    private final int batchSize;

    /**
     * A collector of what is in {@code store}.
     *
     * @param store tries again by itself; must list what was stored a moment ago
     * @param once the same, with one attempt for each call
     * @param trusted who may have signed what is kept
     * @param directory for lists while it works
     * @param nanoTime time that passes, in nanoseconds, by a clock that nobody sets
     */
    public Collector(
            ObjectStore store,
            ObjectStore once,
            TrustedKeys trusted,
            RetentionRules rules,
            Path directory,
            Clock clock,
            LongSupplier nanoTime) {
        this(store, once, trusted, rules, directory, clock, nanoTime, Deletion.BATCH);
    }

    /** The same with another number of deletions between two looks at the lease. */
    Collector(
            ObjectStore store,
            ObjectStore once,
            TrustedKeys trusted,
            RetentionRules rules,
            Path directory,
            Clock clock,
            LongSupplier nanoTime,
            int batchSize) {
        this.store = requireNonNull(store, "store");
        this.once = requireNonNull(once, "once");
        this.signed = new SignedSnapshots(store, requireNonNull(trusted, "trusted"));
        this.rules = requireNonNull(rules, "rules");
        this.directory = requireNonNull(directory, "directory");
        this.clock = requireNonNull(clock, "clock");
        this.nanoTime = requireNonNull(nanoTime, "nanoTime");
        this.batchSize = batchSize;
    }

    /**
     * What {@link #collect} would do now. Writes nothing into the bucket.
     *
     * @throws caravan.failure.DamagedException if something that is kept cannot be read or believed
     */
    public RetentionReport plan() throws CaravanException {
        try (BucketSurvey survey = survey()) {
            return plan(survey, clock.instant()).report();
        } catch (IOException e) {
            throw onDisk(e);
        }
    }

    /**
     * Does it.
     *
     * @param holder names this run among all collectors, in one line
     * @param token what {@link RetentionReport#token} said; anything where it said nothing
     * @throws RefusedException if the token is another, or this machine's clock is wrong; nothing was changed
     * @throws caravan.failure.DamagedException if something that is kept cannot be read or believed; nothing was deleted
     * @throws caravan.failure.TransientException if another collector is at work, or the store did not answer; what was
     *     begun is gone on with by the next call
     */
    public RetentionReport collect(String holder, String token) throws CaravanException, InterruptedException {
        try (Lease lease = Lease.take(store, once, holder, clock, nanoTime);
                Deletion deletion = new Deletion(once, lease, batchSize)) {
            RetentionReport planned;
            Plan plan;
            try (BucketSurvey survey = survey()) {
                plan = plan(survey, clock.instant());
                planned = plan.report();
                requireToken(planned, token);
            }
            List<String> postponedFor =
                    plan.due().isEmpty() && !isCondemned() ? List.of() : sweep(plan.due(), lease, deletion);
            if (plan.beginsAnew()) {
                // Before a snapshot goes: else what it needs might be due at once.
                store.remove(BucketPaths.candidates());
            }
            List<Verdict> verdicts = retire(planned.verdicts(), lease);
            if (postponedFor.isEmpty()) {
                listCandidates();
            }
            return new RetentionReport(
                    verdicts,
                    planned.chunks(),
                    planned.unneeded(),
                    planned.due(),
                    postponedFor.isEmpty() ? planned.due() : Amount.NONE,
                    postponedFor,
                    planned.token());
        } catch (IOException e) {
            throw onDisk(e);
        }
    }

    /**
     * What is to be done, and with which chunks.
     *
     * @param beginsAnew whether the list of candidates is of no use any more
     */
    private record Plan(RetentionReport report, Set<Digest> due, boolean beginsAnew) {}

    private Plan plan(BucketSurvey survey, Instant now) throws CaravanException, IOException {
        Verdicts verdicts = Verdicts.of(survey, signed, rules, now);
        Set<Digest> kept = new HashSet<>();
        addNeeded(survey, verdicts, true, kept);
        Set<Digest> candidates = survey.candidates().isPresent()
                ? listAt(BucketPaths.candidates()).orElse(Set.of())
                : Set.of();
        boolean isRipe = survey.candidates()
                .filter(list -> !now.isBefore(list.storedAt().plus(rules.grace())))
                .isPresent();
        // What an earlier collection condemned and did not end with, or listed long enough ago.
        Set<Digest> listed = listAt(BucketPaths.condemned()).orElse(isRipe ? candidates : Set.of());
        Set<Digest> stillNeeded = new HashSet<>(kept);
        addNeeded(survey, verdicts, false, stillNeeded);
        Tally tally = new Tally();
        Set<Digest> due = new TreeSet<>();
        survey.chunks().each(chunk -> {
            boolean isNeededNow = stillNeeded.contains(chunk.digest());
            if (!kept.contains(chunk.digest())) {
                tally.unneeded = tally.unneeded.and(chunk.size());
                tally.released += isNeededNow ? chunk.size() : 0;
            }
            if (listed.contains(chunk.digest()) && !isNeededNow) {
                tally.due = tally.due.and(chunk.size());
                due.add(chunk.digest());
            }
        });
        // A grace counts from when a chunk was last needed, and a list of which nothing is left would stay for ever.
        boolean beginsAnew = (isRipe && due.isEmpty())
                || candidates.stream().anyMatch(digest -> stillNeeded.contains(digest) && !kept.contains(digest));
        Amount chunks = new Amount(survey.chunks().count(), survey.chunks().bytes());
        return new Plan(
                new RetentionReport(
                        verdicts.all(),
                        chunks,
                        tally.unneeded,
                        tally.due,
                        Amount.NONE,
                        List.of(),
                        tokenFor(chunks, tally, verdicts.retired(), due)),
                due,
                beginsAnew);
    }

    private static final class Tally {
        private Amount unneeded = Amount.NONE;
        private long released;
        private Amount due = Amount.NONE;
    }

    /** Digests of chunks that any snapshot needs, also one that is about to go. */
    private Set<Digest> needed(BucketSurvey survey, Verdicts verdicts) throws CaravanException {
        Set<Digest> digests = new HashSet<>();
        addNeeded(survey, verdicts, true, digests);
        addNeeded(survey, verdicts, false, digests);
        return digests;
    }

    /** Adds the digests of chunks that those snapshots need that are kept, or those that are not. */
    private void addNeeded(BucketSurvey survey, Verdicts verdicts, boolean kept, Set<Digest> digests)
            throws CaravanException {
        for (Verdict verdict : verdicts.all()) {
            ListedDatabase database = survey.databases().get(verdict.database().value());
            // One without a manifest, and without a record that asks for one, needs nothing yet.
            if (verdict.reason().keeps() == kept
                    && (verdicts.record(verdict).isPresent()
                            || database.has(verdict.snapshot(), BucketPaths.MANIFEST))) {
                signed.addChunks(verdict.database(), verdict.snapshot(), verdicts.record(verdict), digests);
            }
        }
    }

    /** Deletes what is due, or says for whom it was left alone. */
    private List<String> sweep(Set<Digest> due, Lease lease, Deletion deletion)
            throws CaravanException, IOException, InterruptedException {
        boolean isOurs = store.create(BucketPaths.condemned(), DigestList.of(due)) == CreateOutcome.CREATED;
        // From here on whoever begins to publish sees the list. Whoever began before is alive now, or has ended, and
        // then what it made is in the listing that follows: never the other way round.
        Instant now = clock.instant();
        List<String> alive = new Sessions(store).alive(now);
        try (BucketSurvey survey = survey()) {
            if (!isOurs) {
                requireSettled(survey, now);
            }
            if (!alive.isEmpty()) {
                takeListBack(lease);
                return alive;
            }
            Set<Digest> needed = needed(survey, Verdicts.of(survey, signed, rules, now));
            Set<Digest> condemned = listAt(BucketPaths.condemned()).orElse(Set.of());
            survey.chunks().each(chunk -> {
                // What was planned, and confirmed, and no more.
                boolean isDue = due.contains(chunk.digest()) && condemned.contains(chunk.digest());
                if (isDue && !needed.contains(chunk.digest())) {
                    try {
                        deletion.delete(chunk.key());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted", e);
                    }
                }
            });
        }
        deletion.finish();
        // A call that may be carried out late keeps its chunk condemned until the next collection.
        deletion.requireClear();
        lease.renew();
        store.remove(BucketPaths.candidates());
        takeListBack(lease);
        LOG.info("{} chunks deleted", deletion.deleted());
        return List.of();
    }

    /** One attempt: an earlier one that is carried out late would take away the list of the next collection. */
    private void takeListBack(Lease lease) throws CaravanException {
        lease.requireHeld();
        lease.outliveCollector();
        once.remove(BucketPaths.condemned());
        lease.endWithCollector();
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

    /**
     * Takes away the snapshots that were to go and still are. The record first: without it there is no snapshot, and what
     * is left of one is found by the next collection.
     *
     * @return {@code planned}, with what became of it
     */
    private List<Verdict> retire(List<Verdict> planned, Lease lease) throws CaravanException {
        if (planned.stream().allMatch(verdict -> verdict.reason().keeps())) {
            return planned;
        }
        Map<ListedDatabase.Name, Verdict> now = new HashMap<>();
        // The deletions may have taken hours. Somebody may have pinned a snapshot, or made its promise longer.
        try (BucketSurvey survey = survey()) {
            Verdicts.of(survey, signed, rules, clock.instant()).all().forEach(one -> now.put(one.name(), one));
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (Verdict verdict : planned) {
            Verdict last = verdict.reason().keeps() ? verdict : now.getOrDefault(verdict.name(), verdict);
            verdicts.add(last);
            if (last.reason().keeps()) {
                continue;
            }
            lease.renew();
            for (String name : List.of(
                    BucketPaths.RECORD,
                    BucketPaths.REGIONS,
                    BucketPaths.METALINK,
                    BucketPaths.SHA256SUMS,
                    BucketPaths.ARIA2,
                    BucketPaths.CHUNKS,
                    BucketPaths.MANIFEST)) {
                store.remove(BucketPaths.ofSnapshot(verdict.database(), verdict.snapshot(), name));
            }
            LOG.info(
                    "{}: {} is gone: {}",
                    verdict.database(),
                    verdict.snapshot(),
                    verdict.reason().words());
        }
        return verdicts;
    }

    /** Lists what nothing needs, for the next collection; a list that is there already goes on ripening. */
    private void listCandidates() throws CaravanException, IOException {
        try (BucketSurvey survey = survey()) {
            if (survey.candidates().isEmpty()) {
                Instant now = clock.instant();
                Set<Digest> needed = needed(survey, Verdicts.of(survey, signed, rules, now));
                Set<Digest> candidates = new TreeSet<>();
                survey.chunks().each(chunk -> {
                    boolean isOld = chunk.storedAt().plus(rules.grace()).isBefore(now);
                    if (isOld && !needed.contains(chunk.digest()) && candidates.size() < DigestList.LONGEST) {
                        candidates.add(chunk.digest());
                    }
                });
                if (!candidates.isEmpty()) {
                    store.create(BucketPaths.candidates(), DigestList.of(candidates));
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
                store.remove(session.key());
            }
        }
        for (ListedObject announcement : survey.announcements()) {
            if (now.isAfter(Sessions.over(announcement))) {
                store.remove(announcement.key());
            }
        }
    }

    private Optional<Set<Digest>> listAt(String path) throws CaravanException {
        return DigestList.read(
                store, path, "look who writes to the bucket; remove it, and the next collection begins anew");
    }

    private boolean isCondemned() throws CaravanException {
        return store.head(BucketPaths.condemned()).isPresent();
    }

    private String tokenFor(Amount chunks, Tally tally, List<Verdict> retired, Set<Digest> due) {
        long most = Math.max(tally.released, tally.due.bytes());
        if (most <= chunks.bytes() * (rules.largestShare() / PERCENT)) {
            return "";
        }
        StringBuilder plan = new StringBuilder();
        retired.forEach(verdict -> plan.append(verdict.database())
                .append('/')
                .append(verdict.snapshot())
                .append('\n'));
        due.forEach(digest -> plan.append(digest.hex()).append('\n'));
        return Digest.of(plan.toString().getBytes(UTF_8)).hex().substring(0, TOKEN_DIGITS);
    }

    private void requireToken(RetentionReport planned, String token) throws RefusedException {
        if (!planned.token().isEmpty() && !planned.token().equals(token)) {
            throw new RefusedException(
                    "collect: more than " + rules.largestShare() + " % of the "
                            + planned.chunks().bytes() + " bytes of all chunks would go: nothing was deleted",
                    "look at what caravan retain says; if it is right: caravan retain --confirm=" + planned.token());
        }
    }

    private BucketSurvey survey() throws CaravanException {
        return BucketSurvey.of(store, directory);
    }

    private CaravanException onDisk(IOException failure) {
        return DiskFailures.of("collect, with lists in " + directory, failure);
    }
}
