package caravan.app.pipeline;

import caravan.alert.Alerts;
import caravan.app.routing.RetentionDesk;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.retain.EndedCollection;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.main.Main;

/**
 * The bean of {@code routes/70-retain.camel.yaml}, and the route that is made of its template if this daemon is to collect
 * on a schedule. Without one, keys that may delete are not even read.
 */
final class CollectionBeans implements AutoCloseable {

    private static final String SCHEDULE = "caravan.retain.schedule";

    private final String schedule;

    private final Optional<RetentionBeans> retention;

    private final RetentionDesk desk;

    /** Makes the beans; nothing is sent anywhere. */
    CollectionBeans(Installation installation, Settings settings, Alerts alerts, Clock clock) throws CaravanException {
        schedule = settings.text(SCHEDULE);
        retention = schedule.isEmpty() ? Optional.empty() : Optional.of(new RetentionBeans(installation, settings));
        desk = new RetentionDesk(this::collect, alerts, clock);
    }

    void bindTo(Main main) {
        main.bind("retentionDesk", desk);
    }

    /** Makes the route that collects on the schedule, by the template in {@code 70-retain.camel.yaml}. */
    void addRouteTo(CamelContext camel) throws Exception {
        if (!schedule.isEmpty()) {
            TemplatedRouteBuilder.builder(camel, "watch-retention")
                    .routeId("collect-on-schedule")
                    .parameter("schedule", schedule)
                    .add();
        }
    }

    /** Whether there is a schedule. */
    boolean isScheduled() {
        return retention.isPresent();
    }

    /** Lets {@code listener} hear what came of each collection from now on. */
    void tell(Consumer<EndedCollection> listener) {
        desk.tell(listener);
    }

    /** Ends what is under way, soon. */
    void stop() {
        retention.ifPresent(RetentionBeans::stop);
    }

    @Override
    public void close() {
        retention.ifPresent(RetentionBeans::close);
    }

    private EndedCollection collect() throws CaravanException, InterruptedException {
        return retention
                .orElseThrow(() -> new WrongUsageException(
                        "collect: " + SCHEDULE + " is not set, so this daemon has nothing to delete with",
                        "set it, or call caravan retain --confirm"))
                .collectUnlessLarge();
    }
}
