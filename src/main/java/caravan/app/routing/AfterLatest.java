package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * The rule of what a publication does once clients see its snapshot: nothing that it sends anywhere may fail it. A
 * webhook that is down would keep the catalog as it was and caches as they are, and would count as a failed
 * publication.
 */
final class AfterLatest {

    /** From these steps on clients see it. */
    private static final Set<String> SEEN = Set.of("move-latest", "to-publish-snapshot");

    private AfterLatest() {}

    static List<RouteFault> faultsIn(RouteDefinition route) {
        List<RouteFault> faults = new ArrayList<>();
        boolean seen = false;
        for (ProcessorDefinition<?> step : RouteContract.stepsOf(route)) {
            if (seen && step instanceof EndpointRequiredDefinition && !ErrorPolicies.isApart(step)) {
                faults.add(RouteFault.in(
                        route,
                        step,
                        "sends to somebody after latest has moved, and a failure there would end what must follow; give"
                                + " it a route of its own and put the call into a multicast with aggregationStrategy: "
                                + CallerGoesOn.BEAN));
            }
            seen = seen || SEEN.contains(step.getId());
        }
        return faults;
    }
}
