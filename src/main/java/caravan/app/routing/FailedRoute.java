package caravan.app.routing;

import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Route;

/**
 * The route in which an exchange failed.
 *
 * @param id of the route; empty if it is not known
 * @param policies that it names
 */
record FailedRoute(String id, List<String> policies) {

    static FailedRoute of(Exchange exchange) {
        String id = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, "", String.class);
        String named = Optional.ofNullable(exchange.getContext().getRoute(id))
                .map(Route::getConfigurationId)
                .orElse("");
        return new FailedRoute(id, List.of(named.split("\\s*,\\s*", -1)));
    }

    /** Whether what called it goes on all the same. */
    boolean callerGoesOn() {
        return policies.contains(ErrorPolicies.REPORT_AND_GO_ON);
    }
}
