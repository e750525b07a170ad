package caravan.app.routing;

import caravan.failure.CaravanException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees each route end that a publication can do without, and says when its trouble is over. Only troubles that began
 * outside a publication end here, and those of regions: a region is warmed long after its publication is done, so that
 * the success of the next one says nothing about it. Bean {@code troubleEnds}, which Camel finds by its type.
 */
public final class TroubleEnds implements RoutePolicyFactory {

    private static final Logger LOG = LoggerFactory.getLogger(TroubleEnds.class);

    private final FailureReport report;

    /** Tells {@code report}. */
    public TroubleEnds(FailureReport report) {
        this.report = report;
    }

    @Override
    public RoutePolicy createRoutePolicy(CamelContext camel, String routeId, NamedNode route) {
        return route instanceof RouteDefinition definition
                        && ErrorPolicies.of(definition).contains(ErrorPolicies.REPORT_AND_GO_ON)
                ? new Policy()
                : null;
    }

    private final class Policy extends RoutePolicySupport {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
            WorkedOn.remember(route.getRouteId(), exchange);
        }

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            if (exchange.isFailed()) {
                return;
            }
            try {
                report.endedWell(route.getRouteId(), exchange);
            } catch (CaravanException e) {
                LOG.warn("{}", e.getMessage());
            }
        }
    }
}
