package caravan.drill;

import static java.util.Objects.requireNonNull;

import caravan.drill.engine.EngineReadings;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.FetchOutcome;
import caravan.restore.Listing;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.restore.source.AttemptFailure;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores a snapshot through its public address, as any user would with the publisher's key and nothing else, has its
 * databases opened by their own engine, and lets the operator's canary judge. Safe for many threads; each database has
 * one drill at a time.
 */
public final class Drill {

    private static final Logger LOG = LoggerFactory.getLogger(Drill.class);

    private final DrillRules rules;

    private final URI publicUrl;

    private final ClientSettings client;

    private final EngineReadings engines;

    private final ObjectInquiry inquiry;

    private final Clock clock;

    private final Map<DatabaseName, Semaphore> turns = new ConcurrentHashMap<>();

    /**
     * Drills of what is published at {@code publicUrl}.
     *
     * @param client whom it trusts, and how it fetches; what it remembers of a restore goes into the scratch space
     * @param bucket what lies behind the public address; it is asked about what cannot be restored, and for nothing
     *     else
     */
    public Drill(
            DrillRules rules,
            URI publicUrl,
            ClientSettings client,
            EngineReadings engines,
            ObjectStore bucket,
            Clock clock) {
        this.rules = requireNonNull(rules, "rules");
        this.publicUrl = requireNonNull(publicUrl, "publicUrl");
        this.client = requireNonNull(client, "client");
        this.engines = requireNonNull(engines, "engines");
        this.inquiry = new ObjectInquiry(bucket, client, base());
        this.clock = requireNonNull(clock, "clock");
    }

    /** The snapshot that {@code latest} leads to, as a user finds it. */
    public SnapshotId latest(DatabaseName database) throws CaravanException, InterruptedException {
        return recordAt(new SnapshotLocation(base(), database, List.of())).snapshot();
    }

    /** What is stated about a snapshot at its public address now. */
    public SnapshotRecord recordOf(DatabaseName database, SnapshotId snapshot)
            throws CaravanException, InterruptedException {
        return recordAt(new SnapshotLocation(base(), database, List.of(snapshot)));
    }

    private SnapshotRecord recordAt(SnapshotLocation location) throws CaravanException, InterruptedException {
        return new Listing(client, clock).find(location).record();
    }

    /**
     * Restores and judges one snapshot.
     *
     * @param canary one, or none
     * @return what was found, good or bad
     * @throws CaravanException if it could not be found out: no room, no connection, too slow
     */
    public DrillReport run(DatabaseName database, SnapshotId snapshot, List<CanaryCommand> canary)
            throws CaravanException, InterruptedException {
        Semaphore turn = turns.computeIfAbsent(database, name -> new Semaphore(1));
        turn.acquire();
        Instant begin = clock.instant();
        LOG.info("{}: drill of {} begins in {}", database, snapshot, rules.directory());
        try (DrillScratch scratch = DrillScratch.open(rules, database)) {
            DrillReport report = judge(database, snapshot, canary, scratch, begin);
            LOG.info(
                    "{}: drill of {} in {} s: {}",
                    database,
                    snapshot,
                    report.took().toMillis() / 1000.0,
                    report.line());
            return report;
        } finally {
            turn.release();
        }
    }

    /**
     * Removes what a killed program left of a drill, unless another one is under way. What cannot be removed is written
     * down: the next drill fails by it, and nothing else.
     */
    public void sweep(DatabaseName database) {
        try {
            DrillScratch.open(rules, database).close();
        } catch (RefusedException e) {
            LOG.info("{}; nothing is removed", e.getMessage());
        } catch (CaravanException e) {
            LOG.warn("{}; no drill of {} is possible until that is put right", e.getMessage(), database);
        }
    }

    private DrillReport judge(
            DatabaseName database, SnapshotId snapshot, List<CanaryCommand> canary, DrillScratch scratch, Instant begin)
            throws CaravanException, InterruptedException {
        FetchOutcome restored;
        try {
            restored = restore(database, snapshot, scratch);
        } catch (DamagedException | FailedException e) {
            return unusable(database, snapshot, begin, e);
        }
        StoreChecks checks = new StoreChecks(engines, rules.checksums());
        StoreChecks.Findings found = checks.check(restored);
        if (!found.damage().isEmpty()) {
            return report(
                    database,
                    snapshot,
                    begin,
                    found.damage(),
                    restored.bytesFetched(),
                    new Verdict.BadFiles(found.suspects()));
        }
        for (CanaryCommand each : canary) {
            Optional<String> refusal =
                    new Canary(each, Canary.GRACE).judge(restored.directory(), facts(restored, found));
            if (refusal.isPresent()) {
                return report(
                        database,
                        snapshot,
                        begin,
                        refusal.get(),
                        restored.bytesFetched(),
                        new Verdict.BadFiles(List.of()));
            }
        }
        return new DrillReport(
                database,
                snapshot,
                clock.instant(),
                new Verdict.Good(),
                found.text() + (canary.isEmpty() ? "" : "; canary passed"),
                found.height(),
                restored.bytesFetched(),
                Duration.between(begin, clock.instant()));
    }

    /**
     * The snapshot that cannot be restored because of what is stored or served. An object that is merely not served may
     * be a matter of a minute; one that the bucket has not is not.
     */
    private DrillReport unusable(DatabaseName database, SnapshotId snapshot, Instant begin, CaravanException failure)
            throws CaravanException, InterruptedException {
        Optional<AttemptFailure> object = AttemptFailure.in(failure);
        if (object.isEmpty()) {
            if (failure instanceof DamagedException) {
                return report(
                        database,
                        snapshot,
                        begin,
                        failure.getMessage(),
                        0,
                        new Verdict.BadObjects(List.of(), failure.hint()));
            }
            throw failure;
        }
        String path = object.get().object();
        ObjectInquiry.Answer answer = inquiry.ask(path);
        if (!(failure instanceof DamagedException) && answer.isInBucket()) {
            throw failure;
        }
        return report(
                database,
                snapshot,
                begin,
                failure.getMessage() + "; " + answer.text(),
                0,
                new Verdict.BadObjects(List.of(path), answer.hint()));
    }

    private FetchOutcome restore(DatabaseName database, SnapshotId snapshot, DrillScratch scratch)
            throws CaravanException, InterruptedException {
        scratch.requireSpace(recordOf(database, snapshot).totals().bytes(), rules.freeSpaceFloor());
        ClientSettings inside = client.withStateDirectory(scratch.clientState());
        FetchOutcome outcome = new Fetch(inside, clock, new Progress(), each -> {})
                .run(new SnapshotLocation(base(), database, List.of(snapshot)), scratch.copy(), Expectations.NONE);
        for (Path replaced : outcome.replaced()) {
            scratch.remove(replaced);
        }
        return outcome;
    }

    private String base() {
        String text = publicUrl.toString();
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    private static Map<String, String> facts(FetchOutcome restored, StoreChecks.Findings found) {
        SnapshotRecord record = restored.record();
        return Map.of(
                "CARAVAN_DIRECTORY", restored.directory().toString(),
                "CARAVAN_DATABASE", record.database().value(),
                "CARAVAN_SNAPSHOT", record.snapshot().toString(),
                "CARAVAN_NETWORK", record.network(),
                "CARAVAN_HEIGHT", Long.toString(Math.max(record.height(), found.height())));
    }

    private DrillReport report(
            DatabaseName database,
            SnapshotId snapshot,
            Instant begin,
            String damage,
            long bytesFetched,
            Verdict verdict) {
        return new DrillReport(
                database,
                snapshot,
                clock.instant(),
                verdict,
                damage,
                0,
                bytesFetched,
                Duration.between(begin, clock.instant()));
    }
}
