package caravan.app.routing;

import static java.util.Objects.requireNonNull;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.catalog.CatalogKeeping;
import caravan.drill.Drill;
import caravan.drill.DrillReport;
import caravan.drill.Verdict;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.TransientException;
import caravan.pace.Waiting;
import caravan.publish.Interruptible;
import caravan.publish.Publication;
import caravan.publish.Refusals;
import caravan.publish.SnapshotProof;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** What the routes of drills ask, step by step. Bean {@code drillDesk}; safe for many threads. */
public final class DrillDesk {

    /** Event of an alert: what {@code latest} leads to was found bad. */
    public static final String DRILL_FAILED = "drill-failed";

    /** Variable of the exchange that holds the report of its drill. */
    static final String DRILL = "drill";

    /** Caches may keep a record for a minute, and have to be told of the next by then. */
    private static final Duration LONGEST_WAIT_FOR_RECORD = Duration.ofMinutes(3);

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<DatabaseName, DrillPlan> plans;

    private final Drill drill;

    private final SnapshotProof proof;

    private final Refusals refusals;

    private final CatalogKeeping catalog;

    private final Alerts alerts;

    private final Waiting waiting;

    private final Clock clock;

    private final Interruptible interruptible = new Interruptible();

    private final List<Consumer<DrillReport>> listeners = new CopyOnWriteArrayList<>();

    /** A desk for the databases of {@code plans}. */
    public DrillDesk(
            Map<DatabaseName, DrillPlan> plans,
            Drill drill,
            SnapshotProof proof,
            Refusals refusals,
            CatalogKeeping catalog,
            Alerts alerts,
            Waiting waiting,
            Clock clock) {
        this.plans = Map.copyOf(plans);
        this.drill = requireNonNull(drill, "drill");
        this.proof = requireNonNull(proof, "proof");
        this.refusals = requireNonNull(refusals, "refusals");
        this.catalog = requireNonNull(catalog, "catalog");
        this.alerts = requireNonNull(alerts, "alerts");
        this.waiting = requireNonNull(waiting, "waiting");
        this.clock = requireNonNull(clock, "clock");
    }

    /** Whether the snapshot must pass a drill before {@code latest} moves. Called by route {@code drill-snapshot}. */
    public boolean isGate(@Body Publication publication) {
        return planOf(publication.database().name()).gate();
    }

    /**
     * Drills the snapshot, and writes down that it is bad if it is. Variable {@code drill} holds the report afterwards.
     * Called by route {@code drill-snapshot}.
     */
    public void drill(@Body Publication publication, Exchange exchange) throws CaravanException, InterruptedException {
        DatabaseName database = publication.database().name();
        DrillReport report = run(database, publication.snapshot());
        exchange.setVariable(DRILL, report);
        if (report.verdict() instanceof Verdict.BadFiles files) {
            refusals.refuse(publication, report.text(), files.suspects());
        } else if (report.verdict() instanceof Verdict.BadObjects objects) {
            refusals.suspect(database, publication.snapshot(), report.text(), objects.objects());
        }
    }

    /**
     * Ends the publication of a snapshot that is bad. Called by route {@code drill-snapshot}.
     *
     * @throws DamagedException if it is
     */
    public void requirePassed(@Variable(DRILL) DrillReport report) throws DamagedException {
        if (report.isBad()) {
            throw new DamagedException(
                    "drill of " + report.snapshot() + " of " + report.database() + ": " + report.text(),
                    report.verdict().hint());
        }
    }

    /**
     * Signs the record again, with the result in it. Called by routes {@code put-drill-result}, {@code mark-refused}.
     */
    public void signRecord(@Body Publication publication, @Variable(DRILL) DrillReport report) throws CaravanException {
        proof.restate(publication, report.line());
    }

    /**
     * Waits until the public address has the record that was signed again: the pointer will vouch for every byte of it,
     * and a cache between us and the bucket has the one that the drill itself has fetched. Called by route {@code
     * put-drill-result}.
     */
    public void awaitRecord(@Body Publication publication) throws CaravanException, InterruptedException {
        DatabaseName database = publication.database().name();
        String expected = publication.record().drill();
        long deadline = waiting.nanoTime() + LONGEST_WAIT_FOR_RECORD.toNanos();
        while (!drill.recordOf(database, publication.snapshot()).drill().equals(expected)) {
            if (waiting.nanoTime() - deadline >= 0) {
                throw new TransientException(
                        "waited " + LONGEST_WAIT_FOR_RECORD.toSeconds() + " s for the new record of "
                                + publication.snapshot() + " at the public address, which still has the one before",
                        "the CDN must honour the max-age of 60 seconds that records have; then publish again");
            }
            waiting.sleep(LOOK_NANOS);
        }
    }

    /** Drills what {@code latest} leads to. Called by route {@code drill-latest}, whose body becomes the report. */
    public DrillReport drillLatest(@Body String name) throws CaravanException, InterruptedException {
        DatabaseName database = new DatabaseName(name);
        DrillReport report = run(database, drill.latest(database));
        if (report.verdict() instanceof Verdict.BadFiles) {
            refusals.doubt(database, report.snapshot(), report.text());
        } else if (report.verdict() instanceof Verdict.BadObjects objects) {
            refusals.suspect(database, report.snapshot(), report.text(), objects.objects());
        } else {
            refusals.withdraw(database, report.snapshot());
        }
        return report;
    }

    /** Has catalog and page show what was found. Called by route {@code put-drill-into-catalog}. */
    public void putIntoCatalog(@Body DrillReport report) throws CaravanException {
        catalog.drilled(report.database(), report.snapshot(), report.line(), report.passed());
    }

    /**
     * The alert about a published snapshot that is bad; {@code null} if it is good, and then what was said before is
     * over. Called by route {@code drill-latest}.
     */
    public Alert alertOf(@Body DrillReport report) throws CaravanException {
        if (report.passed()) {
            alerts.over(DRILL_FAILED, report.database().value());
            return null;
        }
        return new Alert(
                DRILL_FAILED,
                Severity.ERROR,
                Alert.Lasts.UNTIL_SAID,
                report.database().value(),
                "",
                "latest of " + report.database() + " is " + report.snapshot() + ", and a drill found it bad: "
                        + report.text(),
                report.verdict() instanceof Verdict.BadObjects
                        ? report.verdict().hint()
                        : "publish a new snapshot as soon as the cause is known (docs/operations.md)",
                "",
                clock.instant());
    }

    /** Ends what is under way, because the program was told to stop. */
    public void stop() {
        interruptible.stop();
    }

    /** Lets {@code listener} hear what came of each drill from now on; it must neither wait nor fail. */
    public void tell(Consumer<DrillReport> listener) {
        listeners.add(listener);
    }

    private DrillReport run(DatabaseName database, SnapshotId snapshot) throws CaravanException, InterruptedException {
        DrillReport report = interruptible.call(
                "drill of " + snapshot + " of " + database,
                () -> drill.run(database, snapshot, planOf(database).canary()));
        listeners.forEach(each -> each.accept(report));
        return report;
    }

    private DrillPlan planOf(DatabaseName database) {
        return plans.getOrDefault(database, new DrillPlan(false, "", List.of()));
    }
}
