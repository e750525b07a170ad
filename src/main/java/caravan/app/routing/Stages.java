package caravan.app.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.StopDefinition;

/**
 * Steps that routes must have, in the only order that is safe, each where it cannot be skipped. Steps of others may
 * stand between them, but not around them.
 *
 * <p>The steps of a route are written one a line, within each other as in the route: the id of the step, and what it
 * does ({@link StepWords}) if nothing else will do.
 *
 * @param required by route; each of these routes must be there
 */
public record Stages(Map<String, String> required) {

    /** What a publication does. */
    public static final Stages OF_A_PUBLICATION = new Stages(Map.ofEntries(
            Map.entry("publish-database", """
                            to-begin-publication   direct:begin-publication
                            keep-publication       publication = ${body}
                            until-uploaded-in-time ${variable.publication.isToBeCaptured}
                              to-check-node        direct:check-node
                              capture-database     publications.capture
                              check-tables         tableProof.check
                              to-upload-chunks     direct:upload-chunks
                            prove-snapshot         snapshotProof.prove
                            to-publish-snapshot    direct:publish-snapshot
                            whatever-becomes-of-the-catalog
                              to-publish-catalog   direct:publish-catalog
                            whatever-becomes-of-the-edges
                              to-invalidate-edges  direct:invalidate-edges
                            whatever-becomes-of-old-files
                              to-retire-files      direct:retire-files
                            when-all-is-done
                              to-tell-what-is-over direct:tell-what-is-over
                            """),
            Map.entry("begin-publication", """
                            open-publication publicationDesk.begin
                            """),
            Map.entry("check-node", """
                            only-when-there-is-a-node-to-ask ${body.isNodeAsked}
                              begin-interview                interview = ${body.newInterview}
                              while-questions-are-left       ${variable.interview.isUnfinished}
                                to-ask-node                  direct:ask-node
                              back-to-publication            ${variable.publication}
                              keep-answers                   publicationDesk.hearNode
                            """),
            Map.entry("ask-node", """
                            next-question     ${variable.interview.question}
                            where-the-node-is CamelHttpUri = ${variable.interview.address}
                            ask               http
                            take-answer       publicationDesk.takeAnswer
                            """),
            Map.entry("upload-chunks", """
                            each-chunk                  ${body.chunks}
                              to-upload-chunk           direct:upload-chunk
                            from-chunks-to-publication  ${variable.publication}
                            require-every-chunk-stored  publicationDesk.requireEveryChunkStored
                            """),
            Map.entry("upload-chunk", """
                            only-while-nothing-failed ${variable.publication.isGoing}
                              name-chunk              chunkNaming.name
                              only-when-unknown       ${body.isUnknown}
                                look-in-store         chunkPresence.look
                              only-when-missing       ${body.isMissing}
                                to-put-chunk          direct:put-chunk
                            """),
            Map.entry("put-chunk", """
                            keep-chunk        chunk = ${body}
                            open-chunk        chunkBodies.open
                            cache-forever
                            put               aws2-s3
                            back-to-chunk     chunkBodies.sent
                            acknowledge-chunk chunkPresence.acknowledge
                            """),
            Map.entry("publish-snapshot", """
                            announce-manifest    snapshotPublishing.announce
                            put-manifest         snapshotPublishing.putManifest
                            put-exports          snapshotPublishing.putExports
                            put-record           snapshotPublishing.putRecord
                            with-warm-caches
                              to-warm-new-chunks direct:warm-new-chunks
                            to-drill-snapshot    direct:drill-snapshot
                            lay-out-files        fileLayout.layOut
                            move-latest          snapshotPublishing.moveLatest
                            """),
            Map.entry("drill-snapshot", """
                            only-when-drilled       drillDesk.isGate
                              restore-and-open      drillDesk.drill
                              require-drill-passed  drillDesk.requirePassed
                              to-put-drill-result   direct:put-drill-result
                            """),
            Map.entry("put-drill-result", """
                            sign-record-again drillDesk.signRecord
                            put-record-again  snapshotPublishing.putRecordAgain
                            await-record      drillDesk.awaitRecord
                            """),
            Map.entry("warm-new-chunks", """
                            plan-warm-up
                            to-warm-regions
                            hold-latest-back
                            """),
            Map.entry("publish-catalog", """
                            put-catalog     catalogDesk.putCatalog
                            put-page        catalogDesk.putPage
                            put-sync-script catalogDesk.putSyncScript
                            point-to-files  fileLayout.point
                            """),
            Map.entry("retire-files", """
                            remove-old-files fileLayout.retire
                            """)));

    /** What a warm-up worker needs no matter from which queue: nothing but the routes of each queue. */
    public static final Stages OF_A_WORKER = new Stages(Map.of());

    /** Steps by the beginning of the id of routes of which there is one for each region or queue. */
    private static final Map<String, String> OF_MANY = new TreeMap<>(Map.of("do-job-", """
                    open-job
                    keep-job
                    only-what-nobody-can-do
                      to-bury-job
                    while-job-has-objects
                      each-object-of-job
                    finish-job
                    only-with-a-result
                      to-send-result
                    """, "fetch-through-", """
                    ask-for-object
                    get
                    take-object
                    """));

    /** Sorts them, so that faults are always told in the same order. */
    public Stages {
        required = new TreeMap<>(required);
    }

    List<RouteFault> faultsIn(Map<String, RouteDefinition> routes) {
        List<RouteFault> faults = new ArrayList<>();
        required.forEach((id, steps) -> {
            if (routes.containsKey(id)) {
                check(stagesIn(steps), routes.get(id), faults);
            } else {
                faults.add(new RouteFault("route " + id + " is missing; it is a stage of every publication", false));
            }
        });
        OF_MANY.forEach((beginning, steps) -> routes.forEach((id, route) -> {
            if (id.startsWith(beginning)) {
                check(stagesIn(steps), route, faults);
            }
        }));
        return faults;
    }

    /**
     * One step.
     *
     * @param within ids of the steps around it, the outermost first
     * @param words what it does; empty if that may be changed
     */
    private record Stage(String id, List<String> within, String words) {}

    private static List<Stage> stagesIn(String lines) {
        List<Stage> stages = new ArrayList<>();
        List<String> around = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            String text = line.stripLeading();
            int depth = (line.length() - text.length()) / 2;
            around.subList(depth, around.size()).clear();
            int end = text.indexOf(' ');
            String id = end < 0 ? text : text.substring(0, end);
            stages.add(new Stage(
                    id, List.copyOf(around), end < 0 ? "" : text.substring(end).strip()));
            around.add(id);
        }
        return stages;
    }

    private static void check(List<Stage> stages, RouteDefinition route, List<RouteFault> faults) {
        List<String> expected = stages.stream().map(Stage::id).toList();
        List<ProcessorDefinition<?>> steps = RouteContract.stepsOf(route).stream()
                .filter(step -> expected.contains(step.getId()))
                .toList();
        List<String> found =
                steps.stream().map(OptionalIdentifiedDefinition::getId).toList();
        if (!found.equals(expected)) {
            faults.add(RouteFault.in(
                    route,
                    "must have the steps " + String.join(", ", expected) + " in this order; it has "
                            + (found.isEmpty() ? "none of them" : String.join(", ", found))));
            return;
        }
        RouteContract.stepsOf(route).stream()
                .filter(StopDefinition.class::isInstance)
                .forEach(stop -> faults.add(RouteFault.in(
                        route, stop, "has a stop, which would skip the stages after it; let it fail instead")));
        for (int at = 0; at < stages.size(); at++) {
            check(stages.get(at), steps.get(at), route, faults);
        }
    }

    private static void check(
            Stage stage, ProcessorDefinition<?> step, RouteDefinition route, List<RouteFault> faults) {
        if (step.getDisabled() != null && !step.getDisabled().equals("false")) {
            faults.add(
                    RouteFault.in(route, step, "has the step " + stage.id() + " disabled; nothing is safe without it"));
        }
        List<String> around = StepWords.around(step);
        if (!around.equals(stage.within())) {
            faults.add(RouteFault.in(
                    route,
                    step,
                    "must have the step " + stage.id() + " "
                            + (stage.within().isEmpty()
                                    ? "by itself"
                                    : "within " + String.join(", ", stage.within()) + " alone")
                            + "; it is within " + (around.isEmpty() ? "nothing" : String.join(", ", around))
                            + ", and could be skipped"));
        }
        String words = StepWords.of(step);
        if (!stage.words().isEmpty() && !stage.words().equals(words)) {
            faults.add(RouteFault.in(
                    route,
                    step,
                    "must have " + stage.words() + " as its step " + stage.id() + "; it has "
                            + (words.isEmpty() ? step.getShortName() : words)));
        }
    }
}
