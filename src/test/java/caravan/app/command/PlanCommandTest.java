package caravan.app.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.failure.CaravanException;
import caravan.locals3.LocalS3;
import caravan.publish.Publication;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code caravan plan} prints of a snapshot, for people and for machines, with prices that are easy to reckon with. */
@Timeout(120)
final class PlanCommandTest {

    private static final String PRICES = """
            date=2025-06-01
            dear.name=Dear
            dear.storage=1000
            dear.egress=*:100000
            dear.requests=20000
            free.name=Free
            free.storage=0
            free.egress=*:0
            free.requests=0
            """;

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static Publication published;

    private static long bytes;

    private static long chunks;

    private final Map<String, String> environment = new TreeMap<>();

    private String url = server.publicUrl() + "/p/demo";

    private Path key = directory.resolve("publisher/signing.key.pub");

    private String failure = "";

    @BeforeAll
    static void publish() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        published = new Publisher(
                        directory.resolve("publisher"),
                        SampleDatabase.fill(directory.resolve("node"), "1MB"),
                        server.endpoint(),
                        "p")
                .set("caravan.public-url", server.publicUrl() + "/p")
                .publish();
        bytes = published.record().totals().bytes();
        chunks = published.record().totals().chunks();
        Files.writeString(directory.resolve("prices.properties"), PRICES);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void peopleReadWhatIsToBeFetchedWhatRoomItNeedsAndWhatItCosts() throws Exception {
        String out = run(0);
        assertThat(out.lines())
                .anyMatch(line -> line.startsWith("to fetch  ") && line.contains("(" + grouped(bytes) + " bytes) in "))
                .anyMatch(line ->
                        line.matches("files     " + published.record().totals().files() + " new, 0 changed, 0 kept"))
                .anyMatch(line -> line.startsWith("room      ") && line.endsWith("files and directories more"))
                .anyMatch(line -> line.equals("time      not known"))
                .anyMatch(line -> line.startsWith("cost      for who serves it, from Dear $")
                        && line.endsWith("Free $0.00 (list prices of 2025-06-01, before what is free)"));
        assertThat(out).doesNotContain("a month in which");
    }

    @Test
    void comparisonShowsAMonthOfEachProvider() throws Exception {
        List<String> lines = run(0, "--compare", "--syncs", "3").lines().toList();
        int title = 0;
        while (!lines.get(title)
                .startsWith("a month in which 3 snapshots are fetched whole, by list prices of 2025-06-01")) {
            title++;
        }
        assertThat(lines.get(title + 1).strip().split(" +")).containsExactly("storage", "egress", "requests", "total");
        double storage = bytes / 1e9 * 1000;
        double egress = 3 * bytes / 1e9 * 100_000;
        double requests = 3 * chunks / 10_000.0 * 20_000;
        assertThat(lines.get(title + 2).split(" +"))
                .containsExactly(
                        "Dear",
                        dollars(storage),
                        dollars(egress),
                        dollars(requests),
                        dollars(storage + egress + requests));
        assertThat(lines.get(title + 3).split(" +")).containsExactly("Free", "$0.00", "$0.00", "$0.00", "$0.00");
    }

    @Test
    void machinesReadTheSameInOneEvent() throws Exception {
        JsonNode planned = null;
        for (String line : run(0, "--json", "--compare", "--syncs", "2").lines().toList()) {
            JsonNode event = new ObjectMapper().readTree(line);
            planned = event.get("event").asText().equals("planned") ? event : planned;
        }
        assertThat(planned).isNotNull();
        assertThat(planned.get("database").asText()).isEqualTo("demo");
        assertThat(planned.get("snapshot").asText())
                .isEqualTo(published.snapshot().toString());
        assertThat(planned.get("bytes").asLong()).isEqualTo(bytes);
        assertThat(planned.get("bytesToFetch").asLong()).isEqualTo(bytes);
        assertThat(planned.get("chunksToFetch").asLong()).isEqualTo(chunks);
        assertThat(planned.get("bytesKept").asLong()).isZero();
        assertThat(planned.get("probeBytes").asLong()).isZero();
        assertThat(planned.get("pricesOf").asText()).isEqualTo("2025-06-01");
        assertThat(planned.get("costMicros.free").asLong()).isZero();
        assertThat(planned.get("costMicros.dear").asLong())
                .isEqualTo(Math.round((bytes / 1e9 * 100_000 + chunks * 2.0) * 1e6));
        assertThat(planned.get("monthMicros.dear").asLong())
                .isEqualTo(Math.round((bytes / 1e9 * 1000 + 2 * bytes / 1e9 * 100_000 + 2 * chunks * 2.0) * 1e6));
    }

    @Test
    void warmingIsPricedBeforeItIsDone() throws Exception {
        environment.put("CARAVAN_WARM_REGIONS", "here,there");
        environment.put("CARAVAN_WARM_REGION_HERE_VIA", "direct");
        environment.put("CARAVAN_WARM_REGION_THERE_VIA", "queue:there");
        environment.put("CARAVAN_WARM_SAMPLE", "0");
        environment.put("CARAVAN_WARM_PRICE", "dear");
        environment.put("CARAVAN_PRICES", directory.resolve("prices.properties").toString());
        List<Long> objects = sizesOfChunks();
        double each = objects.stream().mapToLong(Long::longValue).sum() / 1e9 * 100_000 + objects.size() * 2.0;

        assertThat(run(0, "--warm").lines())
                .filteredOn(line -> line.startsWith("warming "))
                .singleElement()
                .asString()
                .startsWith("warming   " + sizesOfChunks().size() + " chunks (")
                .contains("through each of 2 regions, and 0 of them again: Dear " + dollars(2 * each) + " (here "
                        + dollars(each) + ", there " + dollars(each) + ")")
                .endsWith("(list prices of 2025-06-01, before what is free)");

        environment.put("CARAVAN_WARM_SAMPLE", "1000");
        environment.put("CARAVAN_WARM_LOOKS", "1h,24h");
        environment.put("CARAVAN_WARM_BUDGET", "1");
        assertThat(run(0, "--warm"))
                .contains(
                        "and " + objects.size() + " of them again: Dear " + dollars(4 * each),
                        "; later looks " + dollars(4 * each) + "; it ends at its budget of $1.00");
    }

    @Test
    void warmingWhatHasNothingNewCostsNothing() throws Exception {
        environment.put("CARAVAN_WARM_REGIONS", "here");
        environment.put("CARAVAN_WARM_REGION_HERE_VIA", "direct");
        Publisher again = new Publisher(
                        directory.resolve("again"),
                        SampleDatabase.at(directory.resolve("node")),
                        server.endpoint(),
                        "q")
                .set("caravan.public-url", server.publicUrl() + "/q");
        again.publish();
        again.publish();

        url = server.publicUrl() + "/q/demo";
        key = directory.resolve("again/signing.key.pub");
        assertThat(run(0, "--warm")).contains("warming   nothing: ");
        environment.put("CARAVAN_WARM_SCOPE", "full");
        assertThat(run(0, "--warm"))
                .contains("warming   " + sizesOfChunks().size() + " chunks (", "Dear $", "Free $0.00");
    }

    @Test
    void warmingIsNotPricedWithoutRegions() throws Exception {
        assertThat(run(2, "--warm")).doesNotContain("warming");
        assertThat(failure).contains("caravan.warm.regions names no region");
    }

    @Test
    void whatIsOfNoUseIsRefusedBeforeAnythingIsAsked() throws Exception {
        assertThat(run(2, "--compare", "--syncs", "0")).isEmpty();
        assertThat(failure).contains("--syncs 0 is of no use");
        run(2, "--rehash");
        assertThat(failure).contains("--rehash goes with a directory");
    }

    private static String grouped(long number) {
        return String.format(java.util.Locale.ROOT, "%,d", number);
    }

    private static String dollars(double amount) {
        return String.format(java.util.Locale.ROOT, "$%,.2f", amount);
    }

    /** Of what is in the bucket: a chunk that two files have is there once, and is warmed once. */
    private static List<Long> sizesOfChunks() throws Exception {
        Path chunksThere =
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve("p").resolve("chunks");
        try (Stream<Path> all = Files.walk(chunksThere)) {
            List<Long> sizes = new ArrayList<>();
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                sizes.add(Files.size(file));
            }
            return sizes;
        }
    }

    private String run(int status, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(url, "--key", key.toString(), "--probe", "0"));
        words.addAll(List.of(options));
        Path state = Files.createTempDirectory(directory, "client");
        environment.put("CARAVAN_STATE_DIRECTORY", state.toString());
        Map<String, String> settings = Map.of(
                "caravan.prices",
                directory.resolve("prices.properties").toString(),
                "caravan.state-directory",
                state.toString());
        CommandLine command = new CommandLine(new PlanCommand(
                name -> settings.getOrDefault(name, ""),
                new Installation(directory.resolve("installed"), environment)));
        command.setExecutionExceptionHandler((thrown, line, parsed) -> {
            failure = thrown.toString();
            return thrown instanceof CaravanException said ? said.exitStatus() : -1;
        });
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, UTF_8));
        try {
            assertThat(command.execute(words.toArray(String[]::new)))
                    .as("%s%n%s", failure, out.toString(UTF_8))
                    .isEqualTo(status);
        } finally {
            System.setOut(before);
        }
        return out.toString(UTF_8);
    }
}
