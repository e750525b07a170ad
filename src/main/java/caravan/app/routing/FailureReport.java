package caravan.app.routing;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.failure.NodeDownException;
import caravan.publish.Publication;
import java.time.Clock;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** Makes alerts of what error policies catch, and says when a publication did without. Bean {@code failureReport}. */
public final class FailureReport {

    /** Event of an alert: a publication failed. */
    public static final String PUBLICATION_FAILED = "publication-failed";

    /** Event of an alert: a stage failed, and the publication went on without it. */
    public static final String STAGE_FAILED = "stage-failed";

    /** Variable of an exchange that goes on behind its publication: which it was. */
    public static final String RUN_ID = "runId";

    private final Function<Throwable, CaravanException> words;

    private final Alerts alerts;

    private final Clock clock;

    /** Finds the words for a failure with {@code words}. */
    public FailureReport(Function<Throwable, CaravanException> words, Alerts alerts, Clock clock) {
        this.words = words;
        this.alerts = alerts;
        this.clock = clock;
    }

    /**
     * The alert about the failure that a policy caught; {@code null} if nobody needs to know, because the program is being
     * stopped and everything under way ends with it. Called by route {@code report-failure}.
     */
    public Alert describe(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure == null || isEnding(exchange)) {
            return null;
        }
        FailedRoute route = FailedRoute.of(exchange);
        CaravanException said = words.apply(failure);
        Publication publication = exchange.getVariable(PublicationDesk.PUBLICATION, Publication.class);
        return new Alert(
                route.callerGoesOn() ? STAGE_FAILED : PUBLICATION_FAILED,
                severityOf(said, route),
                Alert.Lasts.UNTIL_A_RUN_WITHOUT_IT,
                publication == null
                        ? nameIn(exchange)
                        : publication.database().name().value(),
                route.callerGoesOn() ? route.id() : "",
                said.getMessage(),
                said.hint(),
                publication == null ? exchange.getVariable(RUN_ID, "", String.class) : publication.runId(),
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

    private static boolean isEnding(Exchange exchange) {
        Publication publication = exchange.getVariable(PublicationDesk.PUBLICATION, Publication.class);
        return exchange.getContext().isStopping()
                || exchange.getContext().isStopped()
                || (publication != null && publication.isStopped());
    }

    /** Before a publication begins, the body is the name of its database. */
    private static String nameIn(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof String name && name.length() <= 63 ? name : "";
    }
}
