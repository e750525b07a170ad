package caravan.app.routing;

import static java.util.Objects.requireNonNull;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the routes of retention ask, step by step. Bean {@code retentionDesk}; safe for many threads. */
public final class RetentionDesk {

    /** Event of an alert: so much would go that somebody has to say so. */
    public static final String NEEDS_TOKEN = "collection-needs-token";

    /** Event of an alert: a publication was under way each time for long. */
    public static final String HELD_UP = "collection-held-up";

    private static final Logger LOG = LoggerFactory.getLogger(RetentionDesk.class);

    /** How long chunks may be due without being deleted before people hear of it. */
    private static final Duration PATIENCE = Duration.ofDays(7);

    private final Work work;

    private final Alerts alerts;

    private final Clock clock;

    private final List<Consumer<EndedCollection>> listeners = new CopyOnWriteArrayList<>();

    /** A desk that has {@code work} done. */
    public RetentionDesk(Work work, Alerts alerts, Clock clock) {
        this.work = requireNonNull(work, "work");
        this.alerts = requireNonNull(alerts, "alerts");
        this.clock = requireNonNull(clock, "clock");
    }

    /** One collection, as far as it needs no word of somebody. */
    @FunctionalInterface
    public interface Work {
        EndedCollection collect() throws CaravanException, InterruptedException;
    }

    /**
     * Deletes what nobody is promised any more. Called by route {@code collect-unneeded}, whose body becomes what came of
     * it, also where it ended early: caches must forget what is gone by then.
     */
    public EndedCollection collect() throws CaravanException, InterruptedException {
        EndedCollection ended = work.collect();
        listeners.forEach(each -> each.accept(ended));
        LOG.info(
                "{} chunks ({} bytes) deleted, {} snapshots gone",
                ended.collected().chunks().objects(),
                ended.collected().chunks().bytes(),
                ended.collected().snapshots().size());
        return ended;
    }

    /**
     * The alert about a collection that people must do something about; {@code null} if it got through, or will when no
     * publication is under way any more, and then what was said before is over. Called by route {@code
     * collect-unneeded}.
     *
     * @throws CaravanException with which the collection ended early
     */
    public Alert alertOf(@Body EndedCollection ended) throws CaravanException {
        RetentionReport report = ended.report();
        if (!report.token().isEmpty()) {
            return alert(
                    NEEDS_TOKEN,
                    "collect: " + report.large().why() + ": nothing was deleted",
                    "look at what caravan retain says; if it is right: caravan retain --confirm=" + report.token());
        }
        alerts.over(NEEDS_TOKEN, "");
        if (report.postponedFor().isEmpty()) {
            alerts.over(HELD_UP, "");
            return null;
        }
        String publications = String.join("; ", report.postponedFor());
        Instant patientUntil =
                report.dueSince().map(since -> since.plus(PATIENCE)).orElse(Instant.MAX);
        if (clock.instant().isBefore(patientUntil)) {
            LOG.info("no chunk was deleted, since a publication is under way or was killed: {}", publications);
            return null;
        }
        return alert(
                HELD_UP,
                "collect: " + report.due().bytes() + " bytes may be deleted since "
                        + report.dueSince().orElseThrow()
                        + ", and each time a publication was under way or was killed; now: " + publications,
                "choose another time for caravan.retain.schedule; a publication that was killed is waited for until its"
                        + " publisher begins the next one, and for five days at most");
    }

    /** Lets {@code listener} hear what came of each collection from now on; it must neither wait nor fail. */
    public void tell(Consumer<EndedCollection> listener) {
        listeners.add(listener);
    }

    private Alert alert(String event, String what, String hint) {
        return new Alert(event, Severity.WARNING, Alert.Lasts.UNTIL_SAID, "", "", what, hint, "", clock.instant());
    }
}
