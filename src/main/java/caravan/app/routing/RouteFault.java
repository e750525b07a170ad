package caravan.app.routing;

import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * One thing that is wrong with a route.
 *
 * @param line what is wrong, with route, file and line where known
 * @param unsafe whether a node's files would be in danger
 */
public record RouteFault(String line, boolean unsafe) {

    static RouteFault in(RouteDefinition route, String fault) {
        return new RouteFault(nameOf(route) + place(route, route.getLineNumber()) + " " + fault, false);
    }

    static RouteFault in(RouteDefinition route, ProcessorDefinition<?> step, String fault) {
        return new RouteFault(nameOf(route) + place(route, step.getLineNumber()) + " " + fault, false);
    }

    static RouteFault unsafe(RouteDefinition route, String fault) {
        return new RouteFault(nameOf(route) + place(route, route.getLineNumber()) + " " + fault, true);
    }

    private static String nameOf(RouteDefinition route) {
        return "route " + route.getRouteId();
    }

    private static String place(RouteDefinition route, int line) {
        if (route.getResource() == null) {
            return "";
        }
        String file = route.getResource().getLocation().replaceFirst("^file:", "");
        return " (" + file + (line > 0 ? " line " + line : "") + ")";
    }
}
