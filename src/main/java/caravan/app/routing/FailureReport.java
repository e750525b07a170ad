package caravan.app.routing;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.failure.NodeDownException;
import caravan.publish.Publication;
import caravan.warm.RegionState;
import caravan.warm.RegionWarming;
import java.time.Clock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** Makes alerts of what error policies catch, and says when a publication did without. Bean {@code failureReport}. */
public final class FailureReport {

    /** Event of an alert: a publication failed. */
    public static final String PUBLICATION_FAILED = "publication-failed";

    /** Event of an alert: a publication failed when {@code latest} named its snapshot already. */
    public static final String PUBLICATION_BROKEN_OFF = "publication-broken-off";

    /** Event of an alert: a stage failed, and the publication went on without it. */
    public static final String STAGE_FAILED = "stage-failed";

    private final BiFunction<Throwable, String, CaravanException> words;

    private final Alerts alerts;

    private final BooleanSupplier stopping;

    private final Clock clock;

    /**
     * Reports to {@code alerts}.
     *
     * @param words finds the words for a failure in a route
     * @param stopping whether the program was told to stop
     */
    public FailureReport(
            BiFunction<Throwable, String, CaravanException> words,
            Alerts alerts,
            BooleanSupplier stopping,
            Clock clock) {
        this.words = words;
        this.alerts = alerts;
        this.stopping = stopping;
        this.clock = clock;
    }

    /**
     * The alert about the failure that a policy caught; {@code null} if nobody needs to know, because the program is
     * being stopped and everything under way ends with it. Called by route {@code report-failure}.
     */
    public Alert describe(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure == null || isEnding(exchange)) {
            return null;
        }
        FailedRoute route = FailedRoute.of(exchange);
        WorkedOn work = WorkedOn.of(exchange, route.id());
        CaravanException said = words.apply(failure, route.id());
        return new Alert(
                route.callerGoesOn() ? STAGE_FAILED : work.isVisible() ? PUBLICATION_BROKEN_OFF : PUBLICATION_FAILED,
                severityOf(said, route),
                route.callerGoesOn() && (work.standsAlone() || work.isWarmedBy(route.id()))
                        ? Alert.Lasts.UNTIL_SAID
                        : Alert.Lasts.UNTIL_A_RUN_WITHOUT_IT,
                work.database(),
                route.callerGoesOn() ? work.source(route.id()) : "",
                said.getMessage(),
                said.hint(),
                work.runId(),
                clock.instant());
    }

    /** Says that {@code publication} succeeded. Called by route {@code tell-what-is-over}. */
    public void succeeded(@Variable("publication") Publication publication) throws CaravanException {
        alerts.runSucceeded(publication.database().name().value(), publication.runId());
    }

    private static Severity severityOf(CaravanException said, FailedRoute route) {
        if (said instanceof NodeDownException) {
            return Severity.CRITICAL;
        }
        return route.callerGoesOn() ? Severity.WARNING : Severity.ERROR;
    }

    /** A route that may fail without its caller ended, and did not fail. Called by {@link TroubleEnds}. */
    void endedWell(String route, Exchange exchange) throws CaravanException {
        WorkedOn work = WorkedOn.of(exchange, route);
        if (work.isWarmedBy(route) ? isWarmNow(work.region().orElseThrow()) : work.standsAlone()) {
            alerts.worksAgain(STAGE_FAILED, work.database(), work.source(route));
        }
    }

    /** It may have been called off, or have looked at a few objects only. */
    private static boolean isWarmNow(RegionWarming region) {
        return !region.run().onlyLooksAgain() && region.report().state() == RegionState.OK;
    }

    private boolean isEnding(Exchange exchange) {
        Publication publication = exchange.getVariable(PublicationDesk.PUBLICATION, Publication.class);
        return stopping.getAsBoolean()
                || exchange.getContext().isStopping()
                || exchange.getContext().isStopped()
                || (publication != null && publication.isStopped());
    }
}
