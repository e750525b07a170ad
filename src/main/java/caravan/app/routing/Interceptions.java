package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.model.InterceptFromDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.InterceptSendToEndpoint;

/**
 * Steps that are hung in from outside. They can skip a stage, and no list of a route's steps shows it. Camel leaves no
 * trace of some of them in its model, so they are looked for where they act.
 */
final class Interceptions {

    private static final String WHY = ", which could skip a stage; write its steps into the route";

    private Interceptions() {}

    /** Every route and call that is changed by one. */
    static List<RouteFault> faultsIn(ModelCamelContext camel) {
        List<RouteFault> faults = new ArrayList<>();
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            Route built = camel.getRoute(route.getRouteId());
            boolean from = route.getOutputs().stream().anyMatch(InterceptFromDefinition.class::isInstance);
            if (from || (built != null && !built.getInterceptStrategies().isEmpty())) {
                faults.add(RouteFault.in(route, "is changed by an intercept or interceptFrom" + WHY));
            }
        }
        for (Endpoint endpoint : camel.getEndpoints()) {
            if (endpoint instanceof InterceptSendToEndpoint) {
                faults.add(new RouteFault(
                        "calls of " + EndpointUri.pathOf(endpoint.getEndpointUri())
                                + " are changed by an interceptSendToEndpoint" + WHY,
                        false));
            }
        }
        return faults;
    }
}
