package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.signature.SigningKey;
import caravan.store.StoreAbilities;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads the shipped routes, whole or with one edit of an operator in them. Nothing is sent anywhere. */
class RouteContractTest {

    private static final StoreAbilities ALL = new StoreAbilities(true, true, true, true);

    private static final String OWN_ROUTE = """
            - route:
                id: %s
                description: A route that an operator added.
                routeConfigurationId: fail-publication
                from:
                  uri: %s
                  steps:
                    - to:
                        id: step-of-%1$s
                        uri: %s
            """;

    private static final String OWN_STAGE = OWN_ROUTE
            .formatted("own-stage", "direct:own-stage", "log:caravan")
            .replace("fail-publication", "report-and-go-on");

    private static final String CALL_OF_OWN_STAGE = """
                    - to:
                        id: to-own-stage
                        uri: direct
                        parameters:
                          name: own-stage
            """;

    private static final String NEXT_STAGE = "        - to:\n            id: to-publish-snapshot\n";

    private static final String PUBLISH_STAGE =
            NEXT_STAGE + "            uri: direct\n            parameters:\n              name: publish-snapshot\n";

    private static final String HARMLESS =
            "?noop=true&readLock=none&autoCreate=false&recursive=false&startingDirectoryMustExist=true&include=CURRENT"
                    + "&idempotentKey=RAW(${file:name}-${file:modified}-${file:size})";

    @TempDir
    Path home;

    private Path node;

    @BeforeEach
    void copyRoutes() throws Exception {
        node = Files.createDirectories(home.resolve("node/chains/demo/db/full"));
        Path routes = Files.createDirectory(home.resolve("routes"));
        try (DirectoryStream<Path> shipped = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
            for (Path file : shipped) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        SigningKey.generate().write(home.resolve("key"));
    }

    @Test
    void shippedRoutesKeepTheContract() {
        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @Test
    void routesOfRegionsKeepTheContract() {
        assertThatCode(() -> load(Map.of(
                        "CARAVAN_WARM_REGIONS",
                        "eu-central-1,sa-east-1,tokyo",
                        "CARAVAN_WARM_REGION_EU_CENTRAL_1_VIA",
                        "edge:127.0.0.1:1,expect=FRA",
                        "CARAVAN_WARM_REGION_SA_EAST_1_VIA",
                        "proxy:http://127.0.0.1:1",
                        "CARAVAN_WARM_REGION_TOKYO_VIA",
                        "direct")))
                .doesNotThrowAnyException();
    }

    @Test
    void regionWithoutAVantageIsNamed() {
        assertThatThrownBy(() -> load(Map.of("CARAVAN_WARM_REGIONS", "tokyo")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.warm.region.tokyo.via is not set");
    }

    @Test
    void warmUpThatCouldFailThePublicationIsFound() throws Exception {
        edit("40-publish.camel.yaml", "aggregationStrategy: goOn", "stopOnException: true");

        assertWrong("publish-snapshot", "warm-new-chunks");
    }

    @Test
    void routeThatAnOperatorAddsIsTaken() throws Exception {
        add(OWN_ROUTE.formatted("tell-somebody", "timer:often?period=60000", "log:caravan"));

        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @Test
    void stepOfAnOperatorBetweenTheStagesIsTaken() throws Exception {
        String next = "        - to:\n            id: to-publish-snapshot\n";
        String own = "        - log: {id: say-so, message: stored}\n";
        edit("20-snapshot.camel.yaml", next, own + next);

        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @Test
    void routeThatCapturesOnceOnlyAsOlderOnesDidIsFound() throws Exception {
        edit("20-snapshot.camel.yaml", "until-uploaded-in-time", "once");

        assertWrong("publish-database", "until-uploaded-in-time");
    }

    @Test
    void routeThatAsksTheNodeBeforeTheFirstCaptureOnlyIsFound() throws Exception {
        String asking = """
                              - to:
                                  id: to-check-node
                                  uri: direct
                                  parameters:
                                    name: check-node
                """;
        edit("20-snapshot.camel.yaml", asking, "");
        edit(
                "20-snapshot.camel.yaml",
                "        - loop:\n            id: until-",
                asking.indent(-6) + "        - loop:\n            id: until-");

        assertWrong("publish-database", "to-check-node");
    }

    @Test
    void yamlThatIsNoYamlIsNamedWithFileAndLine() throws Exception {
        edit("30-upload.camel.yaml", "    id: upload-chunk\n", "    id: upload-chunk\n   description: [\n");

        assertWrong("30-upload.camel.yaml line ");
    }

    @Test
    void unknownStepIsNamedWithFileAndLine() throws Exception {
        edit(
                "40-publish.camel.yaml",
                "        - bean:\n            id: put-record",
                "        - baen:\n            id: put-record");

        assertWrong("40-publish.camel.yaml line 3", "baen");
    }

    @Test
    void unknownEndpointOptionIsNamedWithItsRoute() throws Exception {
        edit("30-upload.camel.yaml", "lazyStartProducer", "lazyStrtProducer");

        assertWrong("put-chunk", "lazyStrtProducer");
    }

    @Test
    void missingPlaceholderIsNamed() throws Exception {
        edit("30-upload.camel.yaml", "{{caravan.s3.bucket}}", "{{caravan.s3.buckte}}");

        assertWrong("caravan.s3.buckte");
    }

    @Test
    void missingBeanIsNamed() throws Exception {
        edit("20-snapshot.camel.yaml", "ref: snapshotProof", "ref: snapshotProve");

        assertWrong("snapshotProve");
    }

    @Test
    void misspeltErrorPolicyIsFound() throws Exception {
        edit("40-publish.camel.yaml", "retry-store,fail-publication", "retry-stoer,fail-publication");

        assertWrong("route publish-snapshot (", "retry-stoer", "40-publish.camel.yaml");
    }

    @Test
    void routeWithoutTheLastPolicyIsFound() throws Exception {
        edit("40-publish.camel.yaml", "retry-store,fail-publication", "retry-store");

        assertWrong("one of fail-publication, log-only, report-and-go-on as the last");
    }

    @Test
    void routeWithTwoLastPoliciesIsFound() throws Exception {
        edit("40-publish.camel.yaml", "retry-store,fail-publication", "report-and-go-on,fail-publication");

        assertWrong("route publish-snapshot", "more than one of");
    }

    @Test
    void plainCallOfARouteThatMayFailIsFound() throws Exception {
        add(OWN_STAGE);
        edit("20-snapshot.camel.yaml", NEXT_STAGE, CALL_OF_OWN_STAGE + NEXT_STAGE);

        assertWrong("route publish-database", "direct:own-stage", "aggregationStrategy: goOn");
    }

    @Test
    void callOfARouteThatMayFailIsTakenInAMulticastThatGoesOn() throws Exception {
        add(OWN_STAGE);
        edit("20-snapshot.camel.yaml", NEXT_STAGE, apart(CALL_OF_OWN_STAGE) + NEXT_STAGE);

        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @Test
    void stageWhoseFailureWouldBeDroppedIsFound() throws Exception {
        edit("20-snapshot.camel.yaml", PUBLISH_STAGE, apart(PUBLISH_STAGE));

        assertWrong("route publish-database", "direct:publish-snapshot", "must fail the publication");
    }

    @Test
    void publicationStartedByARouteThatOnlyReportsIsFound() throws Exception {
        add(OWN_ROUTE
                .formatted("own", "timer:often?period=60000", "direct:publish-database")
                .replace("fail-publication", "report-and-go-on"));

        assertWrong("route own", "direct:publish-database", "must fail the publication");
    }

    @Test
    void routeWithoutADescriptionIsFound() throws Exception {
        edit(
                "40-publish.camel.yaml",
                "    description: Make a proven snapshot visible. Its chunks are all stored.\n",
                "");

        assertWrong("route publish-snapshot", "has no description");
    }

    @Test
    void callThatNobodyAnswersIsFound() throws Exception {
        edit("20-snapshot.camel.yaml", "              name: check-node", "              name: check-nodes");

        assertWrong("direct:check-nodes", "no route answers");
    }

    @Test
    void beanAsAnEndpointIsFound() throws Exception {
        add(OWN_ROUTE.formatted("own", "direct:own", "bean:snapshotProof?method=prove"));

        assertWrong("route own", "write - bean:");
    }

    @Test
    void endpointThatCouldRunCodeIsFound() throws Exception {
        add(OWN_ROUTE.formatted("own", "direct:own", "language:simple:x"));

        assertWrong("route own", "language:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"recipientList", "enrich", "pollEnrich", "poll", "routingSlip", "toD"})
    void addressThatIsMadeAtRunTimeIsFound(String kind) throws Exception {
        String where = List.of("toD", "poll").contains(kind)
                ? "uri: \"http:${body}\""
                : "expression:\n              simple:\n                expression: \"${body}\"";
        add(OWN_ROUTE
                .formatted("own", "timer:own", "log:caravan")
                .replace("- to:", "- " + kind + ":")
                .replace("uri: log:caravan", where.replace("\n  ", "\n      ")));
        assertWrong("route own", "uses an address that is made at run time (" + kind + ")");
    }

    @Test
    void shippedRoutesOfARegionThatWorkersWarmAreRight() {
        assertThatCode(() -> load(Map.of(
                        "CARAVAN_WARM_REGIONS", "here",
                        "CARAVAN_WARM_REGION_HERE_VIA", "queue:jobs")))
                .doesNotThrowAnyException();
    }

    @Test
    void workThatIsDoneOutOfItsOrderIsFound() throws Exception {
        edit("65-warm-worker.camel.yaml", "id: finish-job", "id: finish-it");
        assertThatThrownBy(() -> load(Map.of(
                        "CARAVAN_WARM_REGIONS", "here",
                        "CARAVAN_WARM_REGION_HERE_VIA", "queue:jobs")))
                .hasMessageContaining("route do-job-jobs")
                .hasMessageContaining("must have the steps open-job");
    }

    @Test
    void reorderedStagesAreFound() throws Exception {
        edit("40-publish.camel.yaml", "id: put-record", "id: the-other");
        edit("40-publish.camel.yaml", "id: move-latest", "id: put-record");
        edit("40-publish.camel.yaml", "id: the-other", "id: move-latest");

        assertWrong("publish-snapshot", "in this order");
    }

    @Test
    void catalogThatCouldFailAPublicationIsFound() throws Exception {
        edit("40-publish.camel.yaml", "retry-store,report-and-go-on", "retry-store,fail-publication");

        assertWrong("direct:publish-catalog", "must fail the publication");
    }

    @Test
    void catalogBeforeTheSnapshotIsVisibleIsFound() throws Exception {
        edit("20-snapshot.camel.yaml", "to-publish-snapshot", "the-other");
        edit("20-snapshot.camel.yaml", "to-publish-catalog", "to-publish-snapshot");
        edit("20-snapshot.camel.yaml", "the-other", "to-publish-catalog");

        assertWrong("publish-database", "in this order");
    }

    @Test
    void missingStageIsFound() throws Exception {
        edit("40-publish.camel.yaml", "            id: announce-manifest\n", "            id: something-else\n");

        assertWrong("publish-snapshot", "announce-manifest");
    }

    @ParameterizedTest
    @CsvSource({
        "30-upload.camel.yaml, put-chunk, put",
        "30-upload.camel.yaml, put-chunk, acknowledge-chunk",
        "40-publish.camel.yaml, publish-snapshot, put-manifest",
        "40-publish.camel.yaml, publish-snapshot, put-record",
        "40-publish.camel.yaml, publish-snapshot, with-warm-caches",
        "45-drill.camel.yaml, drill-snapshot, require-drill-passed"
    })
    void stageThatIsDisabledIsFound(String file, String route, String step) throws Exception {
        String text = Files.readString(home.resolve("routes").resolve(file));
        String line = text.lines()
                .filter(each -> each.strip().equals("id: " + step))
                .findFirst()
                .orElseThrow();
        edit(file, line + "\n", line + "\n" + line.replace("id: " + step, "disabled: true") + "\n");

        assertWrong("route " + route, "the step " + step + " disabled");
    }

    @Test
    void stageThatASettingDisablesIsFound() throws Exception {
        edit("40-publish.camel.yaml", "id: put-record\n", "id: put-record\n            disabled: '{{off:false}}'\n");

        assertWrong("publish-snapshot", "the step put-record disabled");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "filter: {id: sometimes, expression: {simple: {expression: '${variable.publication.isStopped}'}}, steps: [%s]}",
                "doTry: {id: try-it, steps: [%s], doCatch: [{exception: [java.lang.Exception]}]}",
                "choice: {id: either, when: [{simple: {expression: '${body.isGoing}'}, steps: [%s]}]}"
            })
    void stageThatCouldBeSkippedIsFound(String around) throws Exception {
        String stage = "bean: {id: put-record, ref: snapshotPublishing, method: putRecord}";
        edit("40-publish.camel.yaml", """
                        - bean:
                            id: put-record
                            ref: snapshotPublishing
                            method: putRecord
                """, "        - " + around.formatted("{" + stage + "}") + "\n");

        assertWrong("publish-snapshot", "must have the step put-record by itself");
    }

    @Test
    void policyOfOnesOwnThatEndsTheFailureOfAStageIsFound() throws Exception {
        add("""
                - routeConfiguration:
                    id: never-mind
                    onException:
                      - onException:
                          id: never-mind-it
                          exception: [java.lang.Exception]
                          continued: {constant: {expression: "true"}}
                """);
        edit(
                "40-publish.camel.yaml",
                "routeConfigurationId: retry-store,fail-publication",
                "routeConfigurationId: never-mind,retry-store,fail-publication");

        assertWrong("publish-snapshot", "clause never-mind-it ends a failure");
    }

    @Test
    void lastPolicyThatEndsTheFailureOfAStageIsFound() throws Exception {
        Path file = home.resolve("routes/90-errors.camel.yaml");
        String text = Files.readString(file);
        Files.writeString(file, text.replaceFirst("expression: \"false\"", "expression: \"true\""));
        assertThat(Files.readString(file)).isNotEqualTo(text);

        assertWrong("clause fail-whatever-it-is ends a failure");
    }

    @Test
    void clauseForAllRoutesOfAFileThatEndsTheFailureOfAStageIsFound() throws Exception {
        Path file = home.resolve("routes/40-publish.camel.yaml");
        Files.writeString(file, """
                - onException:
                    id: never-mind-them
                    exception: [java.lang.Exception]
                    handled: {constant: {expression: "true"}}
                """ + Files.readString(file));

        assertWrong("publish-snapshot", "clause never-mind-them ends a failure");
    }

    @Test
    void stopBetweenTheStagesIsFound() throws Exception {
        String next = "        - to:\n            id: to-publish-snapshot\n";
        String stop =
                "filter: {id: not-now, expression: {simple: {expression: '${body.isStopped}'}}, steps: [{stop: {}}]}";
        edit("20-snapshot.camel.yaml", next, "        - " + stop + "\n" + next);

        assertWrong("publish-database", "has a stop");
    }

    @Test
    void stepOfAnOperatorMayBeDisabled() throws Exception {
        String next = "        - to:\n            id: to-publish-snapshot\n";
        edit("20-snapshot.camel.yaml", next, "        - log: {id: say-so, message: stored, disabled: true}\n" + next);

        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "30-upload.camel.yaml, ${body.isMissing}, false",
        "30-upload.camel.yaml, name: put-chunk, name: upload-chunks",
        "40-publish.camel.yaml, method: putManifest, method: announce",
        "45-drill.camel.yaml, method: isGate, method: stop",
        "45-drill.camel.yaml, method: requirePassed, method: stop"
    })
    void stageThatDoesSomethingElseIsFound(String file, String does, String other) throws Exception {
        edit(file, does, other);

        assertWrong("must have");
    }

    @Test
    void uploadInPartsIsFound() throws Exception {
        edit(
                "30-upload.camel.yaml",
                "              lazyStartProducer: \"true\"\n",
                "              lazyStartProducer: \"true\"\n              multiPartUpload: \"true\"\n");

        assertWrong("put-chunk", "multiPartUpload");
    }

    @Test
    void uploadThatMayReplaceAChunkIsFound() throws Exception {
        edit("30-upload.camel.yaml", "conditionalWritesEnabled: \"true\"", "conditionalWritesEnabled: \"false\"");

        assertWrong("conditionalWritesEnabled");
    }

    @Test
    void secondWayToTheBucketIsFound() throws Exception {
        add(OWN_ROUTE.formatted("own", "direct:own", "aws2-s3:b?amazonS3Client=#s3&conditionalWritesEnabled=true"));

        assertWrong("only the route put-chunk");
    }

    @Test
    void consumerThatLooksWithoutTouchingMayWatchANode() throws Exception {
        add(OWN_ROUTE.formatted("own", "file:" + node + HARMLESS, "log:caravan"));

        assertThatCode(this::load).doesNotThrowAnyException();
    }

    @Test
    void consumerThatWouldMoveTheNodesFilesIsRefusedForSafety() throws Exception {
        for (String option : HARMLESS.substring(1).split("&", -1)) {
            Path own = add(OWN_ROUTE.formatted(
                    "own",
                    "file:" + node + HARMLESS.replace(option, "delay=500").replace("&&", "&"),
                    "log:caravan"));
            assertThatThrownBy(this::load)
                    .as("without %s", option)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(option.substring(0, option.indexOf('=')));
            Files.delete(own);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "noop: \"true\"",
                "readLock: none",
                "autoCreate: \"false\"",
                "recursive: \"false\"",
                "startingDirectoryMustExist: \"true\"",
                "include: CURRENT",
                "idempotentKey: \"${file:name}-${file:modified}-${file:size}\""
            })
    void watchOfANodesFilesWithoutOneOfItsOptionsIsRefusedForSafety(String option) throws Exception {
        Files.writeString(node.resolve("CURRENT"), "MANIFEST-000001\n");
        Path file = home.resolve("routes/10-watch.camel.yaml");
        String text = Files.readString(file);
        int at = text.indexOf(option, text.indexOf("id: watch-files"));
        assertThat(at).isPositive();
        Files.writeString(
                file, text.substring(0, at) + "initialDelay: \"1000\"" + text.substring(at + option.length()));

        assertThatThrownBy(() -> load(Map.of("CARAVAN_DATABASE_DEMO_QUIET", "1m")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(option.substring(0, option.indexOf(':')))
                .hasMessageContaining("route files-demo-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"&move=done", "&delete=true", "&preMove=x", "&localWorkDirectory=x", "&flatten=true"})
    void watchOfANodesFilesWithAnyOtherOptionIsRefusedForSafety(String option) throws Exception {
        add(OWN_ROUTE.formatted("own", "file:" + node + HARMLESS + option, "log:caravan"));

        assertThatThrownBy(this::load)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("must not have " + option.substring(1, option.indexOf('=')));
    }

    @Test
    void watchOfANodesFilesByAnotherNameIsRefusedForSafety() throws Exception {
        Files.createSymbolicLink(home.resolve("other"), node);
        add(OWN_ROUTE.formatted("own", "file:" + home + "/other", "log:caravan"));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class);
    }

    @Test
    void watchOfANodesFilesBehindAPlaceholderIsRefusedForSafety() throws Exception {
        add(OWN_ROUTE.formatted("own", "file:{{caravan.state-directory}}/../node/chains/demo", "log:caravan"));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class);
    }

    @Test
    void watchOfANodesFilesThatIsShippedIsTaken() throws Exception {
        Files.writeString(node.resolve("CURRENT"), "MANIFEST-000001\n");

        load(Map.of("CARAVAN_DATABASE_DEMO_QUIET", "1m"));

        try (DirectoryStream<Path> left = Files.newDirectoryStream(node)) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of("CURRENT"));
        }
    }

    @Test
    void consumerAboveANodeThatGoesDownIsRefusedForSafety() throws Exception {
        add(OWN_ROUTE.formatted("own", "file:" + home + "/node?recursive=true", "log:caravan"));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class);
    }

    @Test
    void producerIntoANodesDirectoryIsRefusedForSafety() throws Exception {
        add(OWN_ROUTE.formatted("own", "direct:own", "file:" + node));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class).hasMessageContaining("writes files into");
    }

    @Test
    void producerIntoANodesDirectoryBehindAPlaceholderIsRefusedForSafety() throws Exception {
        add(OWN_ROUTE.formatted("own", "direct:own", "file:{{caravan.state-directory}}/../node/chains/demo"));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class).hasMessageContaining("writes files into");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- wireTap: {uri: 'file:%s', dynamicUri: 'false'}",
                "- choice: {when: [{simple: '${body}', steps: [{to: {uri: 'file:%s'}}]}]}",
                "- doTry: {steps: [{log: {message: x}}], doCatch: [{exception: [java.lang.Exception],"
                        + " steps: [{to: {uri: 'file:%s'}}]}]}"
            })
    void stepThatReachesIntoANodesDirectoryIsRefusedForSafety(String step) throws Exception {
        add(OWN_ROUTE
                .formatted("own", "timer:own", "log:caravan")
                .replaceFirst("- to:[\\s\\S]*", Matcher.quoteReplacement(step.formatted(node) + "\n")));

        assertThatThrownBy(this::load)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("a node's directory")
                .hasMessageContaining(node.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- errorHandler: {deadLetterChannel: {deadLetterUri: 'file:%s'}}",
                "- onException: {exception: [java.io.IOException], steps: [{to: {uri: 'file:%s'}}]}",
                "- onCompletion: {steps: [{to: {uri: 'file:%s'}}]}",
            })
    void whatIsDoneBesideTheStepsMayNotReachIntoANodesDirectoryEither(String beside) throws Exception {
        add(beside.formatted(node)
                + "\n"
                + OWN_ROUTE
                        .formatted("own", "timer:own", "log:caravan")
                        .replaceFirst(" *routeConfigurationId: .*\n", ""));

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class).hasMessageContaining(node.toString());
    }

    @Test
    void wayToTheBucketThatNoStepShowsIsFound() throws Exception {
        add("- errorHandler: {deadLetterChannel: {deadLetterUri: 'aws2-s3:b?amazonS3Client=#s3'}}\n"
                + OWN_ROUTE.formatted("own", "timer:own", "log:caravan"));

        assertWrong("aws2-s3", "only the route put-chunk");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "- interceptSendToEndpoint: {uri: 'log:own', skipSendToOriginalEndpoint: 'true', steps: [{log: {message: x}}]}",
                "- intercept: {steps: [{log: {message: x}}]}",
                "- interceptFrom: {uri: 'timer*', steps: [{log: {message: x}}]}"
            })
    void stepsThatAreHungInFromOutsideAreFound(String interception) throws Exception {
        add(interception + "\n" + OWN_ROUTE.formatted("own", "timer:own", "log:own"));

        assertWrong("own", "intercept");
    }

    @Test
    void stageThatAPolicySkipsIsFound() throws Exception {
        String policy = "- routeConfiguration:\n    id: fail-publication\n";
        edit("90-errors.camel.yaml", policy, policy + """
                interceptSendToEndpoint:
                  - interceptSendToEndpoint:
                      uri: direct:publish-snapshot
                      skipSendToOriginalEndpoint: "true"
                      steps:
                        - log: {message: skipped}
                """.indent(4));

        assertWrong("interceptSendToEndpoint");
    }

    @Test
    void scheduleThatIsNoScheduleIsFound() {
        assertThatThrownBy(() -> load(Map.of("CARAVAN_DATABASE_DEMO_SCHEDULE", "every night")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.database.demo.schedule");
    }

    @Test
    void nothingInTheNodesDirectoryIsTouchedByLoading() throws Exception {
        add(OWN_ROUTE.formatted("own", "file:" + node, "log:caravan"));
        Files.writeString(node.resolve("CURRENT"), "MANIFEST-000001\n");

        assertThatThrownBy(this::load).isInstanceOf(RefusedException.class);

        try (DirectoryStream<Path> left = Files.newDirectoryStream(node)) {
            assertThat(left).extracting(Path::getFileName).containsExactly(Path.of("CURRENT"));
        }
    }

    /** The step in a multicast of its own, after which the caller goes on whatever happened. */
    private static String apart(String step) {
        return "        - multicast:\n            id: try-it\n            aggregationStrategy: goOn\n            steps:\n"
                + step.indent(6);
    }

    @Test
    void routeOfTheManualForAnotherCdnIsTakenWhenItIsThere() throws Exception {
        Map<String, String> own = Map.of("CARAVAN_CDN", "mycdn");
        assertThatThrownBy(() -> load(own))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining(
                        "calls direct:invalidate-mycdn (direct:invalidate-{{caravan.cdn}}), and no route answers");

        String manual = Files.readString(Path.of("docs/operations.md"));
        String route = manual.substring(manual.indexOf("```yaml\n- route:\n    id: invalidate-mycdn") + 8);
        add(route.substring(0, route.indexOf("```")));
        assertThatThrownBy(() -> load(own)).hasMessageContaining("MYCDN_TOKEN");
        add(route.substring(0, route.indexOf("```")).replace("{{env:MYCDN_TOKEN}}", "token"));

        assertThatCode(() -> load(own)).doesNotThrowAnyException();
    }

    private void assertWrong(String... words) {
        assertThatThrownBy(this::load).isInstanceOf(WrongUsageException.class).satisfies(failure -> {
            assertThat(failure.getMessage()).contains(words).doesNotContain("\n");
            assertThat(((CaravanException) failure).hint()).isNotEmpty();
        });
    }

    private Path add(String route) throws IOException {
        return Files.writeString(home.resolve("routes/50-own.camel.yaml"), route);
    }

    private void edit(String file, String old, String changed) throws IOException {
        Path path = home.resolve("routes").resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(old);
        Files.writeString(path, text.replace(old, changed));
    }

    private void load() throws Exception {
        load(Map.of());
    }

    private void load(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "CARAVAN_DATABASES",
                "demo",
                "CARAVAN_DATABASE_DEMO_DIRECTORY",
                home.resolve("node/chains/demo").toString(),
                "CARAVAN_S3_ENDPOINT",
                "http://127.0.0.1:1",
                "CARAVAN_S3_BUCKET",
                "bucket",
                "CARAVAN_SIGNING_KEY",
                home.resolve("key").toString(),
                "CARAVAN_STATE_DIRECTORY",
                home.resolve("state").toString()));
        environment.putAll(more);
        Settings settings = new SettingsLoader(environment, new Properties()).load();
        Installation installation = new Installation(home, environment);
        try (PipelineBeans beans = new PipelineBeans(installation, settings)) {
            Pipeline.load(installation, settings, beans, ALL, true).close();
        }
    }
}
