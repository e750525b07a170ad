package caravan.app.routing;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.alert.Alert;
import caravan.alert.AlertDelivery;
import caravan.alert.Alerts;
import caravan.alert.SlackWebhook;
import caravan.aws.S3Failures;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.TransientException;
import caravan.pace.StoppableWaiting;
import caravan.pace.Waiting;
import caravan.publish.ChunkPresence;
import caravan.store.Brake;
import caravan.store.InMemoryObjectStore;
import caravan.store.StoreAbilities;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The shipped policies under routes that fail in every way, and what their callers do then. */
class ErrorPoliciesTest {

    private static final String ROUTES = """
            - route:
                id: caller
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:caller
                  steps:
                    - setVariable: {name: publication, expression: {simple: {expression: "${body}"}}}
                    - multicast:
                        aggregationStrategy: goOn
                        steps:
                          - to: {uri: direct:stage}
                    - bean: {ref: story, method: after}
            - route:
                id: plain-caller
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:plain-caller
                  steps:
                    - to: {uri: direct:stage}
                    - bean: {ref: story, method: after}
            - route:
                id: strict-caller
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:strict-caller
                  steps:
                    - to: {uri: direct:strict}
                    - bean: {ref: story, method: after}
            - route:
                id: strict
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:strict
                  steps:
                    - to: {uri: direct:strict-part}
                    - bean: {ref: story, method: never}
            - route:
                id: strict-part
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:strict-part
                  steps:
                    - bean: {ref: story, method: fail}
            - route:
                id: splitting
                routeConfigurationId: retry-store,fail-publication
                from:
                  uri: direct:splitting
                  steps:
                    - split:
                        aggregationStrategy: goOn
                        expression: {simple: {expression: "${body}"}}
                        steps:
                          - to: {uri: direct:stage}
                    - bean: {ref: story, method: after}
            - route:
                id: stage
                routeConfigurationId: retry-store,report-and-go-on
                from:
                  uri: direct:stage
                  steps:
                    - setBody: {expression: {constant: {expression: "something else"}}}
                    - setHeader: {name: left, expression: {constant: {expression: "behind"}}}
                    - to: {uri: direct:stage-part}
                    - bean: {ref: story, method: never}
            - route:
                id: stage-part
                routeConfigurationId: retry-store,report-and-go-on
                from:
                  uri: direct:stage-part
                  steps:
                    - bean: {ref: story, method: fail}
            - route:
                id: look
                routeConfigurationId: report-and-go-on
                from:
                  uri: direct:look
                  steps:
                    - setBody: {expression: {constant: {expression: "What Was Found"}}}
                    - bean: {ref: story, method: fail}
            """;

    private final Story story = new Story();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    Path state;

    private Alerts alerts;

    private DefaultCamelContext camel;

    /** What the routes did. */
    public static final class Story {

        private final List<String> lines = new CopyOnWriteArrayList<>();

        private Exception failure = new FailedException("no such region", "name another");

        public void fail() throws Exception {
            lines.add("tried");
            if (failure != null) {
                throw failure;
            }
        }

        public void never() {
            lines.add("step after the failure");
        }

        public void after(Exchange exchange) {
            lines.add("went on with " + exchange.getMessage().getBody() + " "
                    + exchange.getMessage().getHeaders().keySet() + " " + exchange.getVariable("publication"));
        }
    }

    @BeforeEach
    void startRoutes() throws Exception {
        camel = new DefaultCamelContext();
        Properties properties = new Properties();
        properties.setProperty("caravan.alert.email.to", "");
        properties.setProperty("caravan.alert.email.from", "");
        properties.setProperty("caravan.retry.attempts", "2");
        properties.setProperty("caravan.retry.delay-millis", "1");
        properties.setProperty("caravan.retry.max-delay-millis", "1");
        camel.getPropertiesComponent().setInitialProperties(properties);
        S3Settings settings = S3Settings.of(URI.create("http://127.0.0.1:1"), "bucket", "", "k", "s");
        StoreFailures failures = new StoreFailures(
                new S3Failures(settings),
                new Brake(Duration.ofMillis(1), Duration.ofMillis(1), Waiting.REAL, new Random(1)),
                () -> false);
        camel.getRegistry().bind("story", story);
        camel.getRegistry().bind("goOn", new CallerGoesOn());
        camel.getRegistry().bind("storeFailures", failures);
        camel.getRegistry().bind("storeFailureNoted", (Processor) failures::note);
        camel.getRegistry().bind("storePatience", (Processor) failures::waitForNextAttempt);
        camel.getRegistry()
                .bind(
                        "queuePatience",
                        new Patience(
                                ErrorPoliciesTest::wordsFor,
                                Duration.ofMillis(1),
                                Duration.ofMillis(1),
                                new StoppableWaiting()));
        camel.getRegistry()
                .bind(
                        "chunkPresence",
                        new ChunkPresence(
                                new InMemoryObjectStore(), new StoreAbilities(true, true, true, true), "bucket"));
        alerts = new Alerts(state, List.of("people"), Duration.ofHours(24), Duration.ofDays(3), Clock.systemUTC());
        camel.getRegistry().bind("alerts", alerts);
        camel.getRegistry().bind("alertDelivery", new AlertDelivery(alerts, Clock.systemUTC()));
        FailureReport report = new FailureReport(ErrorPoliciesTest::wordsFor, alerts, () -> false, Clock.systemUTC());
        camel.getRegistry().bind("failureReport", report);
        camel.addRoutePolicyFactory(new TroubleEnds(report));
        camel.getRegistry()
                .bind("slackWebhook", new SlackWebhook(URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1)));
        camel.getRegistry().bind("alertMail", new DefaultJavaMailSender());
        camel.getRegistry().bind("failureLog", new FailureLog(ErrorPoliciesTest::wordsFor, Level.ERROR));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(
                        ResourceHelper.resolveResource(camel, "file:routes/80-alert.camel.yaml"),
                        ResourceHelper.resolveResource(camel, "file:routes/90-errors.camel.yaml"),
                        ResourceHelper.fromString("test.camel.yaml", ROUTES));
        camel.start();
        log.start();
        ((Logger) LoggerFactory.getLogger(FailureLog.class)).addAppender(log);
    }

    @AfterEach
    void stopRoutes() {
        ((Logger) LoggerFactory.getLogger(FailureLog.class)).detachAppender(log);
        camel.stop();
    }

    @Test
    void callerOfAStageThatFailsGoesOnAsIfItHadNotCalledIt() throws Exception {
        Exchange done = request("caller", "database");

        assertThat(done.getException()).isNull();
        assertThat(story.lines).containsExactly("tried", "went on with database [] database");
        assertThat(done.isRollbackOnly()).isFalse();
    }

    @Test
    void stageThatFailsIsWrittenDownOnceWithItsRoute() throws Exception {
        request("caller", "database");

        assertThat(lines())
                .containsExactly(
                        "WARN stage-part failed, and what called it goes on: no such region HINT: name another");
    }

    @Test
    void whatMayPassIsTriedAgainBeforeAStageFails() throws Exception {
        story.failure = new TransientException("busy", "wait");

        Exchange done = request("caller", "database");

        assertThat(done.getException()).isNull();
        assertThat(story.lines).containsExactly("tried", "tried", "tried", "went on with database [] database");
        assertThat(lines()).hasSize(1);
    }

    @Test
    void errorOfTheProgramInAStageIsNoReasonToFailEither() throws Exception {
        story.failure = new IllegalStateException("a fault of ours");

        Exchange done = request("caller", "database");

        assertThat(done.getException()).isNull();
        assertThat(story.lines).contains("went on with database [] database");
    }

    @Test
    void eachElementOfASplitFailsForItself() throws Exception {
        request("splitting", List.of("one", "two"));

        assertThat(story.lines).containsExactly("tried", "tried", "went on with [one, two] [] null");
    }

    @Test
    void plainCallOfAStageThatFailsIsNoSilentEnd() throws Exception {
        Exchange done = request("plain-caller", "database");

        assertThat(done.getException()).hasMessage("no such region");
        assertThat(story.lines).containsExactly("tried");
    }

    @Test
    void publicationThatFailsIsWrittenDownOnceAndEnds() throws Exception {
        Exchange done = request("strict-caller", "database");

        assertThat(done.getException()).hasMessage("no such region");
        assertThat(story.lines).containsExactly("tried");
        assertThat(lines()).containsExactly("ERROR no such region HINT: name another");
        assertThat(alerts.waitingFor("people")).isEqualTo(1);
    }

    @Test
    void nodeThatDidNotComeBackIsCriticalWhereverThatIsFoundOut() throws Exception {
        for (String caller : List.of("caller", "strict-caller")) {
            story.failure = new NodeDownException("the node was stopped and did not come back", "start it by hand");

            request(caller, "database");

            assertThat(story.lines).filteredOn("tried"::equals).hasSize(1);
            assertThat(alertsWrittenDown())
                    .as(caller)
                    .anyMatch(alert -> alert.contains(caller.equals("caller") ? "stage-failed" : "publication-failed"))
                    .allMatch(alert -> alert.contains("\"CRITICAL\""));
            story.lines.clear();
        }
    }

    private List<String> alertsWrittenDown() throws Exception {
        List<String> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(state.resolve("alerts"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                if (text.contains("severity")) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    @Test
    void troubleOfARouteBesideThePublicationsIsOverWhenThatRouteGoesWell() throws Exception {
        request("stage-part", "demo");
        request("stage-part", "demo");
        alerts.runSucceeded("demo", "some-run");
        assertThat(alerts.waitingFor("people")).as("once").isEqualTo(1);

        Exception failure = story.failure;
        story.failure = null;
        request("stage-part", "another");
        assertThat(alerts.waitingFor("people")).as("it is that of demo").isEqualTo(1);
        request("stage-part", "demo");
        request("stage-part", "demo");
        assertThat(alerts.waitingFor("people")).as("over").isEqualTo(2);

        story.failure = failure;
        request("stage-part", "no name of a database");
        assertThat(alerts.waitingFor("people")).as("of no database").isEqualTo(3);
        story.failure = null;
        request("stage-part", "demo");
        assertThat(alerts.waitingFor("people")).as("over").isEqualTo(4);
    }

    @Test
    void routeIsRememberedByTheDatabaseThatItWasGivenWhateverBecomesOfItsBody() throws Exception {
        request("look", "demo");
        assertThat(alerts.open()).extracting(Alert::database).containsExactly("demo");

        story.failure = null;
        request("look", "another");
        assertThat(alerts.open()).hasSize(1);
        request("look", "demo");
        assertThat(alerts.open()).isEmpty();
    }

    @Test
    void alertThatCannotBeWrittenDownChangesNothing() throws Exception {
        Files.writeString(state.resolve("alerts"), "a file where a directory should be");

        Exchange stage = request("caller", "database");
        Exchange strict = request("strict-caller", "database");

        assertThat(stage.getException()).isNull();
        assertThat(strict.getException()).hasMessage("no such region");
        assertThat(lines()).anyMatch(line -> line.contains("writing down the alert"));
    }

    private Exchange request(String route, Object body) throws Exception {
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            return template.request(
                    "direct:" + route, exchange -> exchange.getMessage().setBody(body));
        }
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ILoggingEvent event : log.list) {
            if (event.getLevel().levelInt >= ch.qos.logback.classic.Level.WARN_INT) {
                lines.add(event.getLevel() + " " + event.getFormattedMessage());
            }
        }
        return lines;
    }

    private static CaravanException wordsFor(Throwable failure, String route) {
        return failure instanceof CaravanException said
                ? said
                : new FailedException("failed unexpectedly: " + failure.getMessage(), "", failure);
    }
}
