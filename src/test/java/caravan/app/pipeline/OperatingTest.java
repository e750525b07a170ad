package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import caravan.app.operating.Operating;
import caravan.app.settings.Settings;
import caravan.app.warming.NginxEdges;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Health and metrics of a daemon, as Prometheus and a supervisor see them. */
@Timeout(300)
@SuppressWarnings("try") // a daemon runs for as long as its block lasts, and most tests only look from outside
final class OperatingTest {

    private static final Duration LONG = Duration.ofSeconds(90);

    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*?)})? (\\S+)");

    @TempDir
    Path directory;

    private final HttpClient http = HttpClient.newHttpClient();

    private LocalS3 server;

    private FaultProxy proxy;

    private Publisher publisher;

    private int port;

    @BeforeEach
    void start() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        proxy = FaultProxy.before(server.endpoint());
        SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        publisher = new Publisher(directory.resolve("publisher"), database, proxy.endpoint(), "")
                .set("caravan.http.port", String.valueOf(port))
                .set("caravan.retry.attempts", "1");
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        server.close();
    }

    @Test
    void numbersOfAPublicationAreThereAndNoSecretIs() throws Exception {
        try (Running daemon = new Running()) {
            Map<String, Double> before = metrics();
            assertThat(before)
                    .containsEntry("caravan_publications_total{database=\"demo\",outcome=\"published\"}", 0.0)
                    .containsEntry("caravan_last_publication_timestamp_seconds{database=\"demo\"}", 0.0);

            daemon.trigger();
            await().atMost(LONG)
                    .until(() ->
                            metrics().get("caravan_publications_total{database=\"demo\",outcome=\"published\"}") == 1);

            Map<String, Double> after = metrics();
            long now = Instant.now().getEpochSecond();
            assertThat(after.get("caravan_last_publication_timestamp_seconds{database=\"demo\"}"))
                    .isBetween(now - 100.0, now + 1.0);
            assertThat(after.get("caravan_latest_timestamp_seconds{database=\"demo\"}"))
                    .isBetween(now - 100.0, now + 1.0);
            assertThat(after.get("caravan_latest_expires_timestamp_seconds{database=\"demo\"}"))
                    .isGreaterThan(now + 86_400.0);
            assertThat(after).containsEntry("caravan_latest_sequence{database=\"demo\"}", 1.0);
            assertThat(after.get("caravan_chunks_total{database=\"demo\",how=\"sent\"}"))
                    .isPositive();
            assertThat(after.get("caravan_chunk_bytes_total{database=\"demo\",how=\"sent\"}"))
                    .isGreaterThan(500_000);
            for (String stage : List.of("captured", "checked", "stored", "proven", "visible")) {
                assertThat(after)
                        .containsEntry("caravan_stage_seconds_count{database=\"demo\",until=\"" + stage + "\"}", 1.0);
            }
            assertThat(text("/observe/metrics"))
                    .doesNotContain(Publisher.SECRET_KEY, directory.toString(), "127.0.0.1", "localhost");
            assertThat(after).hasSizeLessThan(150);
        }
    }

    @Test
    void everyNumberThatRulesAndTheManualNameIsThere() throws Exception {
        publisher
                .set("caravan.warm.regions", "here")
                .set("caravan.warm.region.here.via", "direct")
                .set("caravan.alert.slack.webhook", "http://127.0.0.1:9/hook")
                .set("caravan.retain.schedule", "0 0 12 ? * SUN");
        try (Running daemon = new Running()) {
            daemon.trigger();
            await().atMost(LONG)
                    .until(() ->
                            metrics().get("caravan_publications_total{database=\"demo\",outcome=\"published\"}") == 1);
            Set<String> there = new TreeSet<>();
            namesIn(text("/observe/metrics"), there);
            int portOfAWorker = NginxEdges.freePort();
            try (Operating worker = Operating.ofAWorker(
                    portOfAWorker, failure -> new FailedException(failure.toString(), "", failure))) {
                worker.jobs();
                worker.open();
                namesIn(get(portOfAWorker, "/observe/metrics").body(), there);
            }
            Set<String> named = new TreeSet<>();
            for (String file : List.of(
                    "deploy/prometheus/caravan.rules.yaml", "deploy/grafana/caravan.json", "docs/operations.md")) {
                Matcher name =
                        Pattern.compile("\\bcaravan_[a-z0-9_]+[a-z0-9]").matcher(Files.readString(Path.of(file)));
                while (name.find()) {
                    named.add(name.group().replaceFirst("_(count|sum|max)$", ""));
                }
            }
            assertThat(named).hasSizeGreaterThan(10);
            assertThat(there).containsAll(named);
        }
    }

    @Test
    void failuresAreCountedByTheirKindAndReadinessTellsOfThemWhileLivenessDoesNot() throws Exception {
        try (Running daemon = new Running()) {
            await().atMost(LONG).until(() -> status("/observe/health/ready") == 200);
            proxy.always(FaultProxy.puts("/chunks/"), Fault.answer(503));

            daemon.trigger();
            await().atMost(LONG)
                    .until(() ->
                            metrics().get("caravan_publications_total{database=\"demo\",outcome=\"transient\"}") == 1);

            assertThat(metrics().get("caravan_store_failures_total")).isGreaterThanOrEqualTo(2);
            assertThat(status("/observe/health/ready")).isEqualTo(503);
            assertThat(status("/observe/health")).isEqualTo(503);
            assertThat(status("/observe/health/live")).isEqualTo(200);
            assertThat(text("/observe/health")).doesNotContain(Publisher.SECRET_KEY, Publisher.ACCESS_KEY);
            proxy.clear();
            daemon.trigger();
            await().atMost(LONG).until(() -> status("/observe/health/ready") == 200);
        }
    }

    @Test
    void portIsReachedFromThisMachineAloneAndAnswersNothingElse() throws Exception {
        List<InetAddress> others = new ArrayList<>(List.of(InetAddress.getByName("127.0.0.2")));
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            each.inetAddresses().filter(address -> !address.isLoopbackAddress()).forEach(others::add);
        }
        try (Running daemon = new Running()) {
            assertThat(status("/observe/health/live")).isEqualTo(200);
            for (InetAddress other : others) {
                assertThatThrownBy(() -> connect(other)).as("%s", other).isInstanceOf(IOException.class);
            }
            for (String path : List.of(
                    "/",
                    "/observe",
                    "/observe/info",
                    "/q",
                    "/q/upload",
                    "/q/download",
                    "/q/send",
                    "/q/dev",
                    "/observe/jolokia",
                    "/jolokia",
                    "/observe/metrics/../../etc/passwd")) {
                assertThat(status(path)).as(path).isEqualTo(404);
            }
        }
        assertThatThrownBy(() -> connect(InetAddress.getLoopbackAddress())).isInstanceOf(ConnectException.class);
    }

    @Test
    void settingsOfCamelItselfDoNotOpenThePortToTheNetwork() throws Exception {
        Path config = Files.writeString(
                directory.resolve("application.properties"),
                "camel.management.host=0.0.0.0\ncamel.management.devConsoleEnabled=true\n");
        publisher.environment().put("CARAVAN_CONFIG", config.toString());
        publisher.environment().put("CAMEL_MANAGEMENT_HOST", "0.0.0.0");
        try (Running daemon = new Running()) {
            assertThat(status("/observe/health/live")).isEqualTo(200);
            assertThatThrownBy(() -> connect(InetAddress.getByName("127.0.0.2")))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void portThatIsTakenStopsTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            assertThatThrownBy(Running::new)
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining("127.0.0.1 port " + port);
        }
    }

    @Test
    void withoutAPortThereIsNone() throws Exception {
        publisher.set("caravan.http.port", "0");
        try (Running daemon = new Running()) {
            assertThatThrownBy(() -> connect(InetAddress.getLoopbackAddress())).isInstanceOf(ConnectException.class);
        }
    }

    private void connect(InetAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2000);
        }
    }

    private int status(String path) throws Exception {
        return get(path).statusCode();
    }

    private String text(String path) throws Exception {
        return get(path).body();
    }

    /** Adds the names of the metrics in {@code text} to {@code names}. */
    private static void namesIn(String text, Set<String> names) {
        text.lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> names.add(line.replaceFirst("[{ ].*", "").replaceFirst("_(count|sum|max)$", "")));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return get(port, path);
    }

    private HttpResponse<String> get(int port, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Map<String, Double> metrics() throws Exception {
        Map<String, Double> found = new TreeMap<>();
        text("/observe/metrics")
                .lines()
                .map(SAMPLE::matcher)
                .filter(Matcher::matches)
                .forEach(sample -> found.put(
                        sample.group(1) + (sample.group(2) == null ? "" : "{" + sample.group(2) + "}"),
                        Double.parseDouble(sample.group(3).replace("Inf", "Infinity"))));
        return found;
    }

    /** What {@code caravan run} does, in this process. */
    private final class Running implements AutoCloseable {

        private final PipelineBeans beans;

        private final Daemon daemon;

        Running() throws Exception {
            Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
            Settings settings = installation.settings();
            beans = new PipelineBeans(installation, settings);
            daemon = Daemon.load(installation, settings, beans, beans.probe());
            daemon.begin();
        }

        void trigger() throws IOException {
            Files.createFile(publisher.state().resolve("trigger").resolve("demo"));
        }

        @Override
        public void close() {
            daemon.close();
            beans.close();
        }
    }
}
