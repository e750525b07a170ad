package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.reload.HotEdit;
import caravan.app.reload.RouteDirectory;
import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.signature.SigningKey;
import caravan.store.StoreAbilities;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The shipped routes as they run, and everything that an operator's editor does to their files meanwhile. */
@Timeout(180)
class HotEditTest {

    private static final StoreAbilities ALL = new StoreAbilities(true, true, true, true);

    private static final Duration LONG = Duration.ofSeconds(30);

    private static final String OWN = """
            - route:
                id: %s
                description: A route that an operator added.
                routeConfigurationId: %s
                from:
                  uri: timer
                  parameters:
                    timerName: %1$s
                    period: "50"
                  steps:
                    - log:
                        id: step-of-%1$s
                        logName: caravan.own
                        message: "%s"
            """;

    @TempDir
    Path home;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    private final AtomicReference<Pipeline> loaded = new AtomicReference<>();

    private PipelineBeans beans;

    private HotEdit edit;

    private Path routes;

    @BeforeEach
    void startDaemon() throws Exception {
        log.start();
        said.start();
        ((Logger) LoggerFactory.getLogger(HotEdit.class)).addAppender(log);
        ((Logger) LoggerFactory.getLogger(HotEdit.class)).setLevel(Level.INFO);
        ((Logger) LoggerFactory.getLogger("caravan.own")).setLevel(Level.INFO);
        ((Logger) LoggerFactory.getLogger("caravan.own")).addAppender(said);
        routes = Files.createDirectory(home.resolve("routes"));
        try (DirectoryStream<Path> shipped = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
            for (Path file : shipped) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        SigningKey.generate().write(home.resolve("key"));
        Files.createDirectories(home.resolve("node/db/full"));
        Map<String, String> environment = new HashMap<>(Map.of(
                "CARAVAN_DATABASES", "demo",
                "CARAVAN_DATABASE_DEMO_DIRECTORY", home.resolve("node").toString(),
                "CARAVAN_DATABASE_DEMO_SCHEDULE", "0 0 3 1 1 ? 2099",
                "CARAVAN_S3_ENDPOINT", "http://127.0.0.1:1",
                "CARAVAN_S3_BUCKET", "bucket",
                "CARAVAN_SIGNING_KEY", home.resolve("key").toString(),
                "CARAVAN_STATE_DIRECTORY", home.resolve("state").toString(),
                "CARAVAN_ALERT_SLACK_WEBHOOK", "http://127.0.0.1:1/services/x"));
        Settings settings = new SettingsLoader(environment, new Properties()).load();
        Installation installation = new Installation(home, environment);
        beans = new PipelineBeans(installation, settings);
        edit = HotEdit.load(
                new RouteDirectory(routes),
                () -> {
                    Pipeline pipeline = Pipeline.load(installation, settings, beans, ALL, true);
                    loaded.set(pipeline);
                    return pipeline;
                },
                beans.alerts().alerts(),
                Clock.systemUTC());
        beans.watching().prepare();
        edit.begin(Duration.ofMillis(200));
    }

    @AfterEach
    void stopDaemon() {
        edit.close();
        beans.close();
        ((Logger) LoggerFactory.getLogger(HotEdit.class)).detachAppender(log);
        ((Logger) LoggerFactory.getLogger("caravan.own")).detachAppender(said);
    }

    @Test
    void editedRouteIsApplied() throws Exception {
        replace("80-alert.camel.yaml", "period: \"2000\"", "period: \"7000\"");

        awaitLine(line -> line.startsWith("applied routes/80-alert.camel.yaml; routes "));
        assertThat(running("look-for-slack").getEndpoint().getEndpointUri()).contains("period=7000");
    }

    @Test
    void newFileIsAppliedAndSoIsItsRemoval() throws Exception {
        Files.writeString(routes.resolve("95-own.camel.yaml"), OWN.formatted("own", "log-only", "tick"));
        awaitLine("applied new routes/95-own.camel.yaml"::equals);
        assertThat(running("own")).isNotNull();

        Files.delete(routes.resolve("95-own.camel.yaml"));
        awaitLine("applied without routes/95-own.camel.yaml"::equals);
        assertThat(running("own")).isNull();
    }

    @Test
    void renamedRouteRunsUnderItsNewNameOnly() throws Exception {
        Path own = Files.writeString(routes.resolve("95-own.camel.yaml"), OWN.formatted("own", "log-only", "tick"));
        awaitLine("applied new routes/95-own.camel.yaml"::equals);

        Files.writeString(own, OWN.formatted("renamed", "log-only", "tock"));

        awaitLine("applied routes/95-own.camel.yaml"::equals);
        assertThat(running("own")).isNull();
        assertThat(running("renamed")).isNotNull();
    }

    @Test
    void fileThatIsReplacedInOneMomentIsAppliedOnce() throws Exception {
        Path fresh = home.resolve("fresh");
        Files.writeString(
                fresh,
                Files.readString(routes.resolve("80-alert.camel.yaml"))
                        .replace("period: \"2000\"", "period: \"7000\""));

        Files.move(
                fresh,
                routes.resolve("80-alert.camel.yaml"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);

        awaitLine("applied routes/80-alert.camel.yaml"::equals);
        assertThat(lines()).noneMatch(line -> line.startsWith("refused"));
    }

    @Test
    void editorThatTruncatesAndThenWritesInPiecesIsNotRefused() throws Exception {
        Path file = routes.resolve("80-alert.camel.yaml");
        String text = Files.readString(file).replace("period: \"2000\"", "period: \"7000\"");

        Files.writeString(file, "");
        awaitLooks();
        Files.writeString(file, text);

        awaitLine("applied routes/80-alert.camel.yaml"::equals);
        assertThat(lines()).noneMatch(line -> line.startsWith("refused"));
    }

    @Test
    void lockAndSwapFilesOfEditorsAreNoRoutes() throws Exception {
        Files.createSymbolicLink(routes.resolve(".#80-alert.camel.yaml"), Path.of("user@host.4711"));
        Files.writeString(routes.resolve(".80-alert.camel.yaml.swp"), "b0VIM");
        replace("80-alert.camel.yaml", "period: \"2000\"", "period: \"7000\"");

        awaitLine("applied routes/80-alert.camel.yaml"::equals);
        assertThat(lines()).noneMatch(line -> line.startsWith("refused"));
    }

    @Test
    void brokenYamlIsRefusedWithFileAndLineToldOfOnceAndOverWhenItIsMended() throws Exception {
        Pipeline before = loaded.get();
        String good = Files.readString(routes.resolve("40-publish.camel.yaml"));
        replace("40-publish.camel.yaml", "            id: put-record", "            id: [");

        awaitLine(line -> line.startsWith("refused routes/40-publish.camel.yaml: cannot load the routes: ")
                && line.contains("40-publish.camel.yaml line "));
        replace("40-publish.camel.yaml", "            id: [", "            id: [[");
        awaitLine(line ->
                lines().stream().filter(each -> each.startsWith("refused")).count() == 2);
        await().atMost(LONG).until(() -> alertsOfRefusals() == 1);
        assertThat(before.camel()
                        .getRouteController()
                        .getRouteStatus("publish-snapshot")
                        .isStarted())
                .isTrue();

        Files.writeString(routes.resolve("40-publish.camel.yaml"), good);
        awaitLine(line -> line.startsWith("the edit was taken back"));
        await().atMost(LONG).until(() -> alertsOfRefusals() == 2);
    }

    @Test
    void whatLoadsButBreaksTheContractIsRefused() throws Exception {
        Files.writeString(routes.resolve("95-own.camel.yaml"), OWN.formatted("own", "log-onyl", "tick"));

        awaitLine(line -> line.startsWith("refused new routes/95-own.camel.yaml: route own (")
                && line.contains("log-onyl")
                && line.contains("95-own.camel.yaml line "));
    }

    @Test
    void whatCannotBeBuiltIsRefusedAndTheOldRouteStays() throws Exception {
        replace("80-alert.camel.yaml", "period: \"2000\"", "perod: \"2000\"");

        awaitLine(line -> line.startsWith("refused routes/80-alert.camel.yaml") && line.contains("perod"));
        assertThat(running("look-for-slack").getEndpoint().getEndpointUri()).contains("period=2000");
        assertThat(loaded.get()
                        .camel()
                        .getRouteController()
                        .getRouteStatus("look-for-slack")
                        .isStarted())
                .isTrue();
    }

    @Test
    void missingStageIsRefused() throws Exception {
        Files.delete(routes.resolve("40-publish.camel.yaml"));

        awaitLine(line -> line.startsWith("refused without routes/40-publish.camel.yaml"));
    }

    @Test
    void changedErrorPolicyIsTheOneThatActs() throws Exception {
        Files.writeString(routes.resolve("95-own.camel.yaml"), OWN.formatted("own", "log-only", "${body.nothing}"));
        awaitLine("applied new routes/95-own.camel.yaml"::equals);
        String first = "            - bean:\n                id: write-failure-of-reporting-down\n";
        String own = "            - log: {id: own-word, logName: caravan.own, message: the changed policy acts}\n";

        replace("90-errors.camel.yaml", first, own + first);

        awaitLine("applied routes/90-errors.camel.yaml"::equals);
        await().atMost(LONG).until(() -> words().contains("the changed policy acts"));
    }

    @Test
    void changedRouteTemplateRemakesItsRoutes() throws Exception {
        assertThat(running("watch-demo")).isNotNull();
        replace(
                "10-watch.camel.yaml",
                "description: On schedule, publish one database if it changed.",
                "description: On schedule, start one.");

        awaitLine("applied routes/10-watch.camel.yaml"::equals);
        assertThat(running("watch-demo").getDescription()).isEqualTo("On schedule, start one.");
    }

    @Test
    void editWaitsUntilWhatIsUnderWayHasEnded() throws Exception {
        Files.writeString(
                routes.resolve("95-own.camel.yaml"),
                OWN.formatted("own", "log-only", "tick").replace("period: \"50\"", "repeatCount: \"1\"")
                        + "        - delay: {id: long-work, expression: {constant: {expression: \"6000\"}}}\n"
                        + "        - log: {id: ended, logName: caravan.own, message: ended}\n");
        awaitLine("applied new routes/95-own.camel.yaml"::equals);
        await().atMost(LONG).until(() -> !said.list.isEmpty());
        replace("80-alert.camel.yaml", "period: \"2000\"", "period: \"7000\"");

        awaitLine(line -> line.startsWith("checked routes/80-alert.camel.yaml: it is right"));
        assertThat(words()).doesNotContain("ended");
        awaitLine("applied routes/80-alert.camel.yaml"::equals);
        assertThat(words()).contains("ended");
    }

    private List<String> words() {
        return List.copyOf(said.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** How many alerts wait that say that an edit was refused, or that this is over. */
    private long alertsOfRefusals() throws IOException {
        long alerts = 0;
        try (DirectoryStream<Path> waiting =
                Files.newDirectoryStream(home.resolve("state/alerts/outbox/slack"), "*.json")) {
            for (Path file : waiting) {
                alerts += Files.readString(file).contains("routes-refused") ? 1 : 0;
            }
        }
        return alerts;
    }

    private Route running(String id) {
        return loaded.get().camel().getRoute(id);
    }

    /** Waits for a line of the log; the name of the running routes at its end is left out if {@code which} has none. */
    private void awaitLine(Predicate<String> which) {
        await().atMost(LONG).until(() -> lines().stream()
                .anyMatch(line -> which.test(line) || which.test(line.replaceFirst("; routes [0-9a-f]{12} run$", ""))));
    }

    /** Waits until the daemon has looked at least twice. */
    private void awaitLooks() {
        long end = System.nanoTime() + Duration.ofMillis(600).toNanos();
        await().atMost(LONG).until(() -> System.nanoTime() > end);
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(log.list)) {
            lines.add(event.getFormattedMessage());
        }
        return lines;
    }

    private void replace(String file, String old, String changed) throws IOException {
        Path path = routes.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(old);
        Files.writeString(path, text.replace(old, changed));
    }
}
