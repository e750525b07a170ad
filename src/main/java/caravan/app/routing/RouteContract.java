package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * What Camel does not check when it loads routes, and operators would therefore find out at night: every route says
 * what it is, names error policies that exist and calls routes that exist; the stages of a publication are all there,
 * in their order; bytes leave by the one endpoint that is allowed to send them; and no route touches a node's files.
 *
 * <p>It reads the loaded routes and changes nothing.
 */
public final class RouteContract {

    /** Kinds of endpoint that a route may use; anything else could run code or reach what it should not. */
    static final Set<String> SCHEMES =
            Set.of("direct", "seda", "quartz", "timer", "log", "file", "http", "https", "aws2-s3", "aws2-sqs", "smtp");

    private final ModelCamelContext camel;

    private final Stages stages;

    /** Reads the routes of {@code camel}, which need not run; they are those of a publisher. */
    public RouteContract(ModelCamelContext camel) {
        this(camel, Stages.OF_A_PUBLICATION);
    }

    /** The same with other stages. */
    public RouteContract(ModelCamelContext camel, Stages stages) {
        this.camel = camel;
        this.stages = stages;
    }

    /**
     * Lets pass routes that keep to the contract.
     *
     * @param databases directories that belong to nodes
     * @throws RefusedException if a route could move, lock or change a node's files
     * @throws WrongUsageException for any other fault; the first of them, with its route, file and line
     */
    public void require(Collection<Path> databases) throws CaravanException {
        require(databases, fault -> {});
    }

    /** The same, after {@code listener} has heard of every fault. */
    public void require(Collection<Path> databases, Consumer<RouteFault> listener) throws CaravanException {
        List<RouteFault> faults = faults(databases);
        faults.forEach(listener);
        for (RouteFault fault : faults) {
            if (fault.unsafe()) {
                throw new RefusedException(
                        fault.line(), "a route must never touch a node's files; correct it and run caravan check");
            }
        }
        if (!faults.isEmpty()) {
            String more = faults.size() == 1 ? "" : " (and " + (faults.size() - 1) + " more)";
            throw new WrongUsageException(
                    faults.get(0).line() + more, "correct the file; caravan check lists every fault");
        }
    }

    /** Every fault there is, in the order of the routes. */
    public List<RouteFault> faults(Collection<Path> databases) {
        List<RouteFault> faults = new ArrayList<>();
        Map<String, RouteDefinition> answered = new HashMap<>();
        Map<String, RouteDefinition> byId = new HashMap<>();
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            answered.put(EndpointUri.pathOf(route.getInput().getEndpointUri()), route);
            Route built = camel.getRoute(route.getRouteId());
            if (built != null) {
                // With the parameters of its template in it.
                answered.put(EndpointUri.pathOf(built.getEndpoint().getEndpointUri()), route);
            }
            byId.put(route.getRouteId(), route);
        }
        Set<String> policies = camel.getRouteConfigurationDefinitions().stream()
                .map(RouteConfigurationDefinition::getId)
                .collect(Collectors.toSet());
        for (RouteDefinition route : camel.getRouteDefinitions()) {
            checkWords(route, faults);
            faults.addAll(ErrorPolicies.faultsIn(route, policies));
            faults.addAll(ErrorPolicies.endingsIn(route, camel.getRouteConfigurationDefinitions()));
            checkInput(route, databases, faults);
            checkOutputs(route, answered, faults);
            checkFilesWritten(route, databases, faults);
        }
        faults.addAll(Interceptions.faultsIn(camel));
        checkEveryEndpoint(databases, faults);
        faults.addAll(stages.faultsIn(byId));
        camel.getRouteDefinitions().forEach(route -> faults.addAll(AfterLatest.faultsIn(route)));
        return faults;
    }

    /**
     * By the endpoints that were made for whatever: for steps of every kind, for policies, and where no step shows an
     * address, as that of a dead letter.
     */
    private void checkEveryEndpoint(Collection<Path> databases, List<RouteFault> faults) {
        Set<String> inputs = new TreeSet<>();
        Set<String> puts = new TreeSet<>();
        for (Route route : camel.getRoutes()) {
            inputs.add(route.getEndpoint().getEndpointUri());
            if (ChunkPut.ROUTE.equals(route.getRouteId())) {
                outputsOf(route).forEach(puts::add);
            }
        }
        for (Endpoint endpoint : camel.getEndpoints()) {
            String uri = endpoint.getEndpointUri();
            switch (EndpointUri.schemeOf(uri)) {
                case "file" -> {
                    if (!inputs.contains(uri) && databases.stream().anyMatch(FileConsumer.of(uri)::overlaps)) {
                        faults.add(new RouteFault(
                                "the routes reach into a node's directory by " + EndpointUri.pathOf(uri), true));
                    }
                }
                case "aws2-s3" -> {
                    if (!puts.contains(uri)) {
                        faults.add(new RouteFault(
                                "the routes reach S3 by " + EndpointUri.pathOf(uri) + "; only the route "
                                        + ChunkPut.ROUTE + " does that",
                                false));
                    }
                }
                default -> {}
            }
        }
    }

    private static List<String> outputsOf(Route route) {
        List<String> uris = new ArrayList<>();
        for (Processor step : route.filter("*")) {
            if (step instanceof EndpointAware sender && sender.getEndpoint() != null) {
                uris.add(sender.getEndpoint().getEndpointUri());
            }
        }
        return uris;
    }

    private static void checkWords(RouteDefinition route, List<RouteFault> faults) {
        if (!route.hasCustomIdAssigned()) {
            faults.add(RouteFault.in(route, "has no id of its own"));
        }
        String description = route.getDescriptionText();
        if (description == null || description.isBlank()) {
            faults.add(RouteFault.in(route, "has no description"));
        } else if (description.contains("{{")) {
            faults.add(RouteFault.in(route, "has a placeholder in its description, which Camel does not fill in"));
        }
    }

    private void checkInput(RouteDefinition route, Collection<Path> databases, List<RouteFault> faults) {
        String uri = route.getInput().getEndpointUri();
        checkScheme(route, uri, faults);
        Route built = camel.getRoute(route.getRouteId());
        String resolved = built == null ? uri : built.getEndpoint().getEndpointUri();
        if (EndpointUri.schemeOf(resolved).equals("file")) {
            FileConsumer.of(resolved).faultsIn(databases).forEach(fault -> faults.add(RouteFault.unsafe(route, fault)));
        }
    }

    /** By the endpoints as they were built: what is written in the route may be a placeholder. */
    private void checkFilesWritten(RouteDefinition route, Collection<Path> databases, List<RouteFault> faults) {
        Route built = camel.getRoute(route.getRouteId());
        for (String uri : built == null ? List.<String>of() : outputsOf(built)) {
            if (EndpointUri.schemeOf(uri).equals("file")
                    && databases.stream().anyMatch(FileConsumer.of(uri)::overlaps)) {
                faults.add(
                        RouteFault.unsafe(route, "writes files into a node's directory: " + EndpointUri.pathOf(uri)));
            }
        }
    }

    private void checkOutputs(RouteDefinition route, Map<String, RouteDefinition> answered, List<RouteFault> faults) {
        for (ProcessorDefinition<?> step : stepsOf(route)) {
            if (MadeAddresses.isUsedBy(route, step)) {
                faults.add(RouteFault.in(
                        route, step, "uses an address that is made at run time (" + step.getShortName() + ")"));
            } else if (step instanceof EndpointRequiredDefinition sender) {
                checkOutput(route, step, sender.getEndpointUri(), answered, faults);
            }
        }
    }

    /** The address of a call with the settings in it, as in {@code direct:invalidate-{{caravan.cdn}}}. */
    private String withSettings(String uri) {
        if (!EndpointUri.schemeOf(uri).equals("direct")) {
            return uri;
        }
        try {
            return camel.resolvePropertyPlaceholders(uri);
        } catch (IllegalArgumentException e) {
            // A parameter of a route template; it is compared as it is written.
            return uri;
        }
    }

    private void checkOutput(
            RouteDefinition route,
            ProcessorDefinition<?> step,
            String written,
            Map<String, RouteDefinition> answered,
            List<RouteFault> faults) {
        String uri = withSettings(written);
        checkScheme(route, uri, faults);
        switch (EndpointUri.schemeOf(uri)) {
            case "direct", "seda" -> {
                if (!answered.containsKey(EndpointUri.pathOf(uri))) {
                    faults.add(RouteFault.in(
                            route,
                            step,
                            "calls " + EndpointUri.pathOf(uri)
                                    + (uri.equals(written) ? "" : " (" + EndpointUri.pathOf(written) + ")")
                                    + ", and no route answers"));
                }
                faults.addAll(ErrorPolicies.faultsIn(route, step, EndpointUri.pathOf(uri), answered));
            }
            case "aws2-s3" -> faults.addAll(ChunkPut.faultsIn(route, step, uri));
            default -> {}
        }
    }

    private static void checkScheme(RouteDefinition route, String uri, List<RouteFault> faults) {
        if (!SCHEMES.contains(EndpointUri.schemeOf(uri))) {
            String why = EndpointUri.schemeOf(uri).equals("bean")
                    ? "calls a bean as an endpoint, whose method Camel does not check; write - bean:"
                    : "uses " + EndpointUri.schemeOf(uri) + ":, which is not one of "
                            + String.join(", ", sorted(SCHEMES));
            faults.add(RouteFault.in(route, why));
        }
    }

    /** Every step of a route, however deep, in the order in which it is written. */
    @SuppressWarnings("rawtypes")
    static List<ProcessorDefinition<?>> stepsOf(RouteDefinition route) {
        List<ProcessorDefinition<?>> steps = new ArrayList<>();
        Collection<ProcessorDefinition> found =
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ProcessorDefinition.class);
        found.forEach(steps::add);
        return steps;
    }

    private static List<String> sorted(Set<String> words) {
        return words.stream().sorted().toList();
    }
}
