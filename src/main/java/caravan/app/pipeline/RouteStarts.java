package caravan.app.pipeline;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.apache.camel.support.service.ServiceHelper;

/** When each route began to hear what it waits for: a time of a schedule after that is no missed one. */
final class RouteStarts extends EventNotifierSupport {

    private final Map<String, Instant> starts = new ConcurrentHashMap<>();

    private RouteStarts() {}

    /** Writes down from now on when routes of {@code camel} start. */
    static RouteStarts in(CamelContext camel) {
        RouteStarts starts = new RouteStarts();
        camel.getManagementStrategy().addEventNotifier(starts);
        ServiceHelper.startService(starts);
        return starts;
    }

    /** When route {@code id} last started; now if it has not. */
    Instant of(String id) {
        return starts.getOrDefault(id, Instant.now());
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof CamelEvent.RouteStartedEvent;
    }

    @Override
    public void notify(CamelEvent event) {
        if (event instanceof CamelEvent.RouteStartedEvent started) {
            starts.put(started.getRoute().getId(), Instant.now());
        }
    }
}
