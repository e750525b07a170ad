package caravan.app.routing;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.model.ExpressionSubElementDefinition;
import org.apache.camel.model.MulticastDefinition;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SplitDefinition;

/**
 * The rules of error policies: which must stand last in the list of a route, and how routes with different ones may
 * call each other. Without them, a stage that may fail would end the publication, or one that must not would fail
 * unnoticed.
 */
final class ErrorPolicies {

    /** Fails the publication. */
    static final String FAIL_PUBLICATION = "fail-publication";

    /** Reports, and lets what called the route go on. */
    static final String REPORT_AND_GO_ON = "report-and-go-on";

    /** Writes one line, for the routes that report: they must not call themselves. */
    static final String LOG_ONLY = "log-only";

    /** One of these stands last in the list of every route. */
    static final Set<String> LAST = new TreeSet<>(Set.of(FAIL_PUBLICATION, REPORT_AND_GO_ON, LOG_ONLY));

    /**
     * By the id of a clause that lets a stage go on after a failure: the one route that looks itself what came of it.
     */
    private static final Map<String, String> GOING_ON =
            Map.of("chunk-exists-already", "put-chunk", "wait-for-node", "ask-node");

    private ErrorPolicies() {}

    /** What is wrong with the list of policies of {@code route}. */
    static List<RouteFault> faultsIn(RouteDefinition route, Set<String> known) {
        List<RouteFault> faults = new ArrayList<>();
        List<String> policies = of(route);
        for (String policy : policies) {
            if (!known.contains(policy)) {
                faults.add(RouteFault.in(route, "names the error policy \"" + policy + "\", which does not exist"));
            }
        }
        if (!LAST.contains(lastOf(route))) {
            faults.add(RouteFault.in(
                    route, "must name error policies, and one of " + String.join(", ", LAST) + " as the last of them"));
        } else if (policies.stream().filter(LAST::contains).count() > 1) {
            faults.add(RouteFault.in(
                    route, "names more than one of " + String.join(", ", LAST) + ", and only one can decide"));
        }
        return faults;
    }

    /**
     * Clauses that would end a failure of {@code route}, although it must fail the publication.
     *
     * @param policies all that there are
     */
    static List<RouteFault> endingsIn(RouteDefinition route, List<RouteConfigurationDefinition> policies) {
        if (!lastOf(route).equals(FAIL_PUBLICATION)) {
            return List.of();
        }
        Set<OnExceptionDefinition> clauses = new LinkedHashSet<>();
        for (ProcessorDefinition<?> step : route.getOutputs()) {
            if (step instanceof OnExceptionDefinition clause) {
                clauses.add(clause);
            }
        }
        policies.stream()
                .filter(policy -> of(route).contains(policy.getId()))
                .forEach(policy -> clauses.addAll(policy.getOnExceptions()));
        List<RouteFault> faults = new ArrayList<>();
        for (OnExceptionDefinition clause : clauses) {
            if ((isMeant(clause.getHandled()) || isMeant(clause.getContinued()))
                    && !route.getRouteId().equals(GOING_ON.get(clause.getId()))) {
                faults.add(RouteFault.in(
                        route,
                        "has an error policy whose clause " + clause.getId()
                                + " ends a failure (handled or continued), which must fail the publication"));
            }
        }
        return faults;
    }

    private static boolean isMeant(ExpressionSubElementDefinition flag) {
        return flag != null
                && flag.getExpressionType() != null
                && !"false".equals(flag.getExpressionType().getExpression());
    }

    /**
     * What is wrong with a call of one route by another.
     *
     * @param routes by the address that they answer
     */
    static List<RouteFault> faultsIn(
            RouteDefinition caller, ProcessorDefinition<?> step, String address, Map<String, RouteDefinition> routes) {
        RouteDefinition called = routes.get(address);
        if (called == null || !LAST.contains(lastOf(called))) {
            return List.of();
        }
        boolean mayFail = !lastOf(called).equals(FAIL_PUBLICATION);
        boolean apart = isApart(step);
        if (mayFail && !apart && lastOf(caller).equals(FAIL_PUBLICATION)) {
            return List.of(RouteFault.in(
                    caller,
                    step,
                    "calls " + address + ", which may fail, and would fail with it; put the call into a multicast with"
                            + " aggregationStrategy: " + CallerGoesOn.BEAN));
        }
        if (!mayFail && (apart || !lastOf(caller).equals(FAIL_PUBLICATION))) {
            return List.of(RouteFault.in(
                    caller,
                    step,
                    "calls " + address + ", whose failure must fail the publication, and would go on without it"));
        }
        return List.of();
    }

    static List<String> of(RouteDefinition route) {
        String named = route.getRouteConfigurationId();
        return named == null ? List.of() : List.of(named.split("\\s*,\\s*", -1));
    }

    private static String lastOf(RouteDefinition route) {
        List<String> policies = of(route);
        return policies.isEmpty() ? "" : policies.get(policies.size() - 1);
    }

    /** Whether {@code step} has an exchange of its own, whose failure is dropped. */
    static boolean isApart(ProcessorDefinition<?> step) {
        for (ProcessorDefinition<?> at = step.getParent(); at != null; at = at.getParent()) {
            String strategy = "";
            if (at instanceof MulticastDefinition multicast) {
                strategy = multicast.getAggregationStrategy();
            } else if (at instanceof SplitDefinition split) {
                strategy = split.getAggregationStrategy();
            }
            if (strategy != null && strategy.replaceFirst("^#(bean:)?", "").equals(CallerGoesOn.BEAN)) {
                return true;
            }
        }
        return false;
    }
}
