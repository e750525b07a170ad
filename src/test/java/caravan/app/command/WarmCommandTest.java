package caravan.app.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.failure.CaravanException;
import caravan.localedge.EdgeFault;
import caravan.localedge.LocalEdge;
import caravan.localedge.LocalEdges;
import caravan.locals3.LocalS3;
import caravan.publish.Publication;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code caravan warm} against five edges that are near, with two snapshots of one database behind them. */
@Timeout(180)
final class WarmCommandTest {

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static LocalEdges edges;

    private static Publisher publisher;

    private static Publication second;

    private String failure = "";

    /** Settings of one more region, called sydney. */
    private Map<String, String> more = Map.of();

    @BeforeAll
    static void publishTwice() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        edges = LocalEdges.start(LocalEdges.Setup.of(directory.resolve("edges"), server.publicUrl())
                .withoutDistance());
        SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "")
                .set("caravan.public-url", base().toString());
        publisher.publish();
        database.write(30);
        second = publisher.publish();
    }

    @AfterAll
    static void stop() {
        edges.close();
        server.close();
    }

    @BeforeEach
    void forget() {
        edges.all().forEach(edge -> {
            edge.set(EdgeFault.NONE);
            edge.forgetAll();
        });
    }

    @Test
    void benchmarkSeesAColdPassAndThenAWarmOneInEveryRegion() throws Exception {
        List<JsonNode> events = json(0, "--full", "--benchmark");
        JsonNode warmed = events.get(events.size() - 1);
        assertThat(warmed.get("event").asText()).isEqualTo("warmed");
        assertThat(warmed.get("snapshot").asText()).isEqualTo(second.snapshot().toString());
        long objects = warmed.get("objects").asLong();
        assertThat(objects).isGreaterThan(second.report().chunksSent());
        List<JsonNode> regions = regionsIn(events);
        assertThat(regions).hasSize(5);
        for (JsonNode region : regions) {
            assertThat(region.get("state").asText()).as("%s", region).isEqualTo("ok");
            assertThat(region.get("pops").asText())
                    .isEqualTo(
                            edges.in(region.get("region").asText()).location().pop());
            assertThat(region.get("coldObjects").asLong()).isEqualTo(objects);
            assertThat(region.get("coldMisses").asLong()).isEqualTo(objects);
            assertThat(region.get("warmObjects").asLong()).isEqualTo(objects);
            assertThat(region.get("warmHits").asLong()).isEqualTo(objects);
            assertThat(region.get("warmBytes").asLong())
                    .isEqualTo(warmed.get("bytes").asLong());
            assertThat(region.get("warmFirstByteP95Micros").asLong()).isPositive();
        }
    }

    @Test
    void parallelismThatIsOfNoUseIsRefusedBeforeAnythingIsFetched() throws Exception {
        List<Long> before =
                edges.all().stream().map(edge -> edge.traffic().requests()).toList();
        json(2, "--full", "--parallel", "0");
        assertThat(failure).contains("--parallel 0");
        assertThat(edges.all().stream().map(edge -> edge.traffic().requests())).containsExactlyElementsOf(before);
    }

    @Test
    void withoutFullOnlyWhatTheSnapshotBeforeDoesNotHaveIsFetched() throws Exception {
        List<JsonNode> events = json(0, "--region", "eu-central-1");
        JsonNode region = regionsIn(events).get(0);
        assertThat(region.get("coldObjects").asLong())
                .isPositive()
                .isLessThanOrEqualTo(second.report().chunksSent());
        assertThat(edges.in("us-east-1").bytesKept())
                .isLessThan(edges.in("eu-central-1").bytesKept());
    }

    @Test
    void tableAndChartShowEveryRegion() throws Exception {
        Path chart = directory.resolve("chart.svg");
        String out = run(0, "--full", "--sample", "7", "--chart", chart.toString());
        assertThat(out).contains("7 objects, ", "warmed snapshot " + second.snapshot() + " of demo in 5 of 5 regions");
        String svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(chart.toFile())
                .getDocumentElement()
                .getTextContent();
        for (LocalEdge edge : edges.all()) {
            assertThat(svg).contains(edge.location().region());
            assertThat(out.lines()
                            .filter(line -> line.startsWith(edge.location().region())))
                    .anyMatch(line -> line.matches(".* cold +" + edge.location().pop() + " +ok +7 .*"))
                    .anyMatch(line -> line.matches(".* cold +#*.*"));
        }
        Path page = directory.resolve("chart.html");
        run(0, "--sample", "1", "--region", "here=direct", "--chart", page.toString());
        assertThat(page).content().startsWith("<!DOCTYPE html>").contains("<svg ", ">here<");
    }

    @Test
    void regionOfWorkersIsLeftToThemAndNamed() throws Exception {
        more = Map.of("CARAVAN_WARM_REGION_SYDNEY_VIA", "queue:warm-sydney");
        List<JsonNode> events = json(0, "--sample", "1");
        assertThat(regionsIn(events)).hasSize(5);
        assertThat(events.get(events.size() - 1).get("leftToWorkers").asText()).isEqualTo("sydney");
        assertThat(run(0, "--sample", "1")).contains(" in 5 of 5 regions", "; left to workers: sydney");

        json(2, "--region", "sydney");
        assertThat(failure).contains("region sydney is warmed by workers");
    }

    @Test
    void regionThatIsDownIsToldOfAndTheOthersAreWarm() throws Exception {
        List<JsonNode> events = json(75, "--region", "us-east-1", "--region", "nowhere=edge:127.0.0.1:1");
        assertThat(regionsIn(events).get(0).get("state").asText()).isEqualTo("ok");
        assertThat(regionsIn(events).get(1).get("state").asText()).isEqualTo("failed");
        assertThat(failure).contains("through nowhere: failed, given up after 2 failures in a row: no connection");
    }

    @Test
    void wrongBytesOfAnEdgeAreDamage() throws Exception {
        edges.in("sa-east-1").set(new EdgeFault.Corrupting());
        json(3, "--benchmark", "--region", "sa-east-1", "--region", "us-east-1");
        assertThat(failure).contains("through sa-east-1: chunks/", "from GRU3-P2: wrong bytes");
    }

    @Test
    void nothingIsFetchedOfWhatNoTrustedKeyHasSigned() throws Exception {
        assertThat(runWith("SHA256:" + "A".repeat(43))).isEqualTo(3);
        assertThat(edges.in("sa-east-1").bytesKept()).isZero();
    }

    @Test
    void wrongUsageIsToldBeforeAnythingIsFetched() throws Exception {
        run(2, "--sample", "0");
        run(2, "--region", "mars-1");
        run(2, "--region", "mars-1=warp:9");
        run(2, "--region", "us-east-1", "--region", "us-east-1");
        assertThat(edges.in("us-east-1").bytesKept()).isZero();
    }

    private static URI base() {
        return edges.in("us-east-1").address().resolve(server.publicUrl().getPath());
    }

    private static List<JsonNode> regionsIn(List<JsonNode> events) {
        return events.stream()
                .filter(event -> event.get("event").asText().equals("region"))
                .toList();
    }

    private List<JsonNode> json(int status, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(options));
        words.add("--json");
        List<JsonNode> events = new ArrayList<>();
        for (String line : run(status, words.toArray(String[]::new)).lines().toList()) {
            events.add(new ObjectMapper().readTree(line));
        }
        return events;
    }

    /** What is printed; fails unless the command ends with {@code status}. */
    private String run(int status, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(base() + "/demo", "--key"));
        words.add(directory.resolve("publisher/signing.key.pub").toString());
        words.addAll(List.of(options));
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            assertThat(execute(words))
                    .as("%s%n%s", failure, out.toString(UTF_8))
                    .isEqualTo(status);
        } finally {
            System.setOut(before);
        }
        return out.toString(UTF_8);
    }

    private int runWith(String key) throws Exception {
        return execute(List.of(base() + "/demo", "--key", key));
    }

    private int execute(List<String> words) throws Exception {
        Path state = Files.createTempDirectory(directory, "client");
        CommandLine command = new CommandLine(new WarmCommand(new Installation(directory, settings(state))));
        command.setExecutionExceptionHandler((thrown, line, parsed) -> {
            failure = thrown.toString();
            return thrown instanceof CaravanException said ? said.exitStatus() : -1;
        });
        return command.execute(words.toArray(String[]::new));
    }

    private Map<String, String> settings(Path state) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("CARAVAN_STATE_DIRECTORY", state.toString());
        environment.put("CARAVAN_RETRY_DELAY", "1ms");
        environment.put("CARAVAN_RETRY_MAX_DELAY", "5ms");
        environment.put("CARAVAN_WARM_GIVE_UP_AFTER", "2");
        List<String> names = new ArrayList<>();
        for (LocalEdge edge : edges.all()) {
            String region = edge.location().region();
            names.add(region);
            environment.put(
                    "CARAVAN_WARM_REGION_"
                            + region.toUpperCase(java.util.Locale.ROOT).replace('-', '_') + "_VIA",
                    "edge:127.0.0.1:" + edge.address().getPort() + ",expect="
                            + edge.location().pop());
        }
        if (!more.isEmpty()) {
            environment.putAll(more);
            names.add("sydney");
        }
        environment.put("CARAVAN_WARM_REGIONS", String.join(",", names));
        return environment;
    }
}
