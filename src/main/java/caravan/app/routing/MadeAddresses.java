package caravan.app.routing;

import org.apache.camel.model.DynamicRouterDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.PollDefinition;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.WireTapDefinition;

/** Steps whose address is known, or made an endpoint, only while they run, so that nobody can check where that is. */
final class MadeAddresses {

    private MadeAddresses() {}

    /**
     * Whether {@code step} is one of them. The one that gives each region its warm-up goes to addresses that Caravan
     * makes.
     */
    static boolean isUsedBy(RouteDefinition route, ProcessorDefinition<?> step) {
        if (step instanceof RecipientListDefinition) {
            return !("warm-regions".equals(route.getRouteId())
                    && "to-warm-region".equals(step.getId())
                    && isAddressOfRegion((RecipientListDefinition<?>) step));
        }
        if (step instanceof WireTapDefinition<?> tap) {
            return !"false".equals(tap.getDynamicUri());
        }
        return step instanceof ToDynamicDefinition
                || step instanceof EnrichDefinition
                || step instanceof PollEnrichDefinition
                || step instanceof PollDefinition
                || step instanceof RoutingSlipDefinition
                || step instanceof DynamicRouterDefinition;
    }

    private static boolean isAddressOfRegion(RecipientListDefinition<?> step) {
        return step.getExpression() != null
                && "${body.address}".equals(step.getExpression().getExpression());
    }
}
