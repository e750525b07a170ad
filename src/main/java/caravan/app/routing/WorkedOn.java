package caravan.app.routing;

import caravan.app.warming.JobWork;
import caravan.drill.DrillReport;
import caravan.publish.Publication;
import caravan.snapshot.DatabaseName;
import caravan.warm.RegionWarming;
import caravan.warm.WarmRun;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.camel.Exchange;

/**
 * What an exchange works on, as far as it can be told from its variables and its body.
 *
 * @param publication that goes on in it
 * @param region that it warms
 * @param database empty for none
 * @param runId of the publication that it belongs to or goes on behind; empty for none
 * @param what one of several things that its route works on, as said in variable {@link #ABOUT}; empty for none
 */
record WorkedOn(
        Optional<Publication> publication, Optional<RegionWarming> region, String database, String runId, String what) {

    /** Variable of an exchange whose route works on several things, each with troubles of its own: which one it is. */
    static final String ABOUT = "about";

    /** Variable of an exchange that goes on behind its publication: which it was. */
    static final String RUN_ID = "runId";

    /** Property of an exchange, followed by a route: the database that the route was given. */
    private static final String GIVEN = "CaravanDatabaseOf.";

    private static final String REGION = "region";

    private static final String JOB = "job";

    /** Remembers what {@code route} is to work on, before its steps put something else in place of the body. */
    static void remember(String route, Exchange exchange) {
        String database = databaseNowIn(exchange);
        if (!database.isEmpty()) {
            exchange.setProperty(GIVEN + route, database);
        }
    }

    /** What {@code exchange} works on in {@code route}. */
    static WorkedOn of(Exchange exchange, String route) {
        Optional<Publication> publication =
                Optional.ofNullable(exchange.getVariable(PublicationDesk.PUBLICATION, Publication.class));
        return new WorkedOn(
                publication,
                Optional.ofNullable(exchange.getVariable(REGION)).flatMap(as(RegionWarming.class)),
                Optional.ofNullable(exchange.getProperty(GIVEN + route, String.class))
                        .orElseGet(() -> databaseNowIn(exchange)),
                publication.map(Publication::runId).orElseGet(() -> exchange.getVariable(RUN_ID, "", String.class)),
                exchange.getVariable(ABOUT, "", String.class));
    }

    /** Whether {@code route} is the one that warms the region of this exchange, and not one that it calls. */
    boolean isWarmedBy(String route) {
        return region.isPresent()
                && route.equals("warm-" + region.get().region().name());
    }

    /** Whether users find already what is published here. */
    boolean isVisible() {
        return publication.flatMap(Publication::published).isPresent();
    }

    /** Whether what fails here has nothing to do with a publication. */
    boolean standsAlone() {
        return publication.isEmpty() && runId.isEmpty();
    }

    /** How alerts call this work of {@code route}. */
    String source(String route) {
        return what.isEmpty() ? route : route + " " + what;
    }

    private static String databaseNowIn(Exchange exchange) {
        return Stream.of(
                        exchange.getVariable(PublicationDesk.PUBLICATION),
                        exchange.getVariable(REGION),
                        exchange.getVariable(JOB),
                        exchange.getMessage().getBody())
                .flatMap(each -> databaseOf(each).stream())
                .findFirst()
                .orElse("");
    }

    private static Optional<String> databaseOf(Object work) {
        DatabaseName name = null;
        if (work instanceof Publication publication) {
            name = publication.database().name();
        } else if (work instanceof WarmRun run) {
            name = run.database();
        } else if (work instanceof RegionWarming warming) {
            name = warming.run().database();
        } else if (work instanceof JobWork job) {
            name = job.database().orElse(null);
        } else if (work instanceof DrillReport report) {
            name = report.database();
        } else if (work instanceof String body && DatabaseName.isValid(body)) {
            // Before a publication begins, and beside one, the body is the name of its database.
            return Optional.of(body);
        }
        return Optional.ofNullable(name).map(DatabaseName::value);
    }

    private static <T> Function<Object, Optional<T>> as(Class<T> type) {
        return value -> type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
    }
}
