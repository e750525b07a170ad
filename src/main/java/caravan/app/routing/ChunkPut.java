package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;

/** The one step that sends to S3: a plain put, under the chunk's own key, of what is not there yet. */
final class ChunkPut {

    /** The one route that has it. */
    static final String ROUTE = "put-chunk";

    private ChunkPut() {}

    /** What is wrong with a {@code step} that sends to {@code uri} in S3. */
    static List<RouteFault> faultsIn(RouteDefinition route, ProcessorDefinition<?> step, String uri) {
        List<RouteFault> faults = new ArrayList<>();
        Map<String, String> options = EndpointUri.optionsOf(uri);
        if (!ROUTE.equals(route.getRouteId())) {
            faults.add(RouteFault.in(route, step, "sends to S3; only the route " + ROUTE + " does that"));
        }
        for (String forbidden : List.of("multiPartUpload", "streamingUploadMode")) {
            if (options.containsKey(forbidden) && !"false".equals(options.get(forbidden))) {
                faults.add(RouteFault.in(route, step, "uses " + forbidden + ", which loses checksum and condition"));
            }
        }
        if (!"true".equals(options.get("conditionalWritesEnabled"))) {
            faults.add(
                    RouteFault.in(route, step, "must have conditionalWritesEnabled: true, or a chunk may be replaced"));
        }
        if (options.containsKey("operation") || options.containsKey("keyName")) {
            faults.add(RouteFault.in(route, step, "must be a plain put under the chunk's own key"));
        }
        return faults;
    }
}
