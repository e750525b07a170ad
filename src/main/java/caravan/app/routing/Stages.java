package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * Steps that routes must have, in the only order that is safe. Steps of others may stand between them.
 *
 * @param required by route; each of these routes must be there
 */
public record Stages(Map<String, List<String>> required) {

    /** What a publication does. */
    public static final Stages OF_A_PUBLICATION = new Stages(Map.ofEntries(
            Map.entry(
                    "publish-database",
                    List.of(
                            "to-begin-publication",
                            "keep-publication",
                            "until-uploaded-in-time",
                            "to-check-node",
                            "capture-database",
                            "check-tables",
                            "to-upload-chunks",
                            "prove-snapshot",
                            "to-publish-snapshot",
                            "to-publish-catalog",
                            "to-invalidate-edges",
                            "to-retire-files",
                            "to-tell-what-is-over")),
            Map.entry("begin-publication", List.of("open-publication")),
            Map.entry(
                    "upload-chunks",
                    List.of(
                            "each-chunk",
                            "to-upload-chunk",
                            "from-chunks-to-publication",
                            "require-every-chunk-stored")),
            Map.entry(
                    "upload-chunk",
                    List.of(
                            "only-while-nothing-failed",
                            "name-chunk",
                            "only-when-unknown",
                            "look-in-store",
                            "only-when-missing",
                            "to-put-chunk")),
            Map.entry(
                    "put-chunk",
                    List.of("keep-chunk", "open-chunk", "cache-forever", "put", "back-to-chunk", "acknowledge-chunk")),
            Map.entry(
                    "publish-snapshot",
                    List.of(
                            "announce-manifest",
                            "put-manifest",
                            "put-exports",
                            "put-record",
                            "to-warm-new-chunks",
                            "to-drill-snapshot",
                            "lay-out-files",
                            "move-latest")),
            Map.entry(
                    "drill-snapshot",
                    List.of("only-when-drilled", "restore-and-open", "require-drill-passed", "to-put-drill-result")),
            Map.entry("put-drill-result", List.of("sign-record-again", "put-record-again", "await-record")),
            Map.entry("warm-new-chunks", List.of("plan-warm-up", "to-warm-regions", "hold-latest-back")),
            Map.entry("publish-catalog", List.of("put-catalog", "put-page", "put-sync-script", "point-to-files")),
            Map.entry("retire-files", List.of("remove-old-files"))));

    /** What a warm-up worker needs no matter from which queue: nothing but the routes of each queue. */
    public static final Stages OF_A_WORKER = new Stages(Map.of());

    /** Steps by the beginning of the id of routes of which there is one for each region or queue. */
    private static final Map<String, List<String>> OF_MANY = new TreeMap<>(Map.of(
            "do-job-",
            List.of("open-job", "keep-job", "to-bury-job", "each-object-of-job", "finish-job", "to-send-result"),
            "fetch-through-",
            List.of("ask-for-object", "get", "take-object")));

    /** Sorts them, so that faults are always told in the same order. */
    public Stages {
        required = new TreeMap<>(required);
    }

    List<RouteFault> faultsIn(Map<String, RouteDefinition> routes) {
        List<RouteFault> faults = new ArrayList<>();
        required.forEach((id, steps) -> {
            if (routes.containsKey(id)) {
                check(steps, routes.get(id), faults);
            } else {
                faults.add(new RouteFault("route " + id + " is missing; it is a stage of every publication", false));
            }
        });
        OF_MANY.forEach((beginning, steps) -> routes.forEach((id, route) -> {
            if (id.startsWith(beginning)) {
                check(steps, route, faults);
            }
        }));
        return faults;
    }

    private static void check(List<String> expected, RouteDefinition route, List<RouteFault> faults) {
        List<String> found = RouteContract.stepsOf(route).stream()
                .map(OptionalIdentifiedDefinition::getId)
                .filter(expected::contains)
                .toList();
        if (!found.equals(expected)) {
            faults.add(RouteFault.in(
                    route,
                    "must have the steps " + String.join(", ", expected) + " in this order; it has "
                            + (found.isEmpty() ? "none of them" : String.join(", ", found))));
        }
    }
}
