package caravan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.PublishingSite;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

/** What {@code caravan doctor} finds in an installation that is well, and in one to which something was done. */
@Timeout(120)
final class DoctorCommandTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private Publisher publisher;

    @BeforeEach
    void setUp() throws Exception {
        publisher = site.publisher();
        publisher.set("caravan.public-url", site.server().publicUrl() + "/" + site.prefix());
    }

    @Test
    void aHealthyInstallationHasNothingWrongAndNothingIsChanged() throws Exception {
        publisher.publish();
        List<String> before = everything();

        Outcome outcome = doctor();

        assertThat(outcome.lines()).noneMatch(line -> line.contains(" WRONG "));
        assertThat(outcome.status()).isZero();
        assertThat(outcome.lines().get(outcome.lines().size() - 1)).startsWith("Nothing is wrong");
        assertThat(outcome.lines())
                .anyMatch(line -> line.matches("latest    ok     demo: .* record and lists are there"))
                .anyMatch(line -> line.matches("public    ok     demo: .* is what the bucket has: sequence 1"))
                .anyMatch(line -> line.matches("routes    ok     .*"))
                .anyMatch(line -> line.matches("capture   ok     demo: .*auto chose live.*"));
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void whatIsWrongIsALineWithItsHintAndTheGravestIsTheStatus() throws Exception {
        publisher.publish();
        Files.delete(site.bucketOf(publisher).fileOf("demo/latest"));
        publisher.set("caravan.database.demo.schedule", "0 0 3 * * ?");

        Outcome outcome = doctor();

        int line = outcome.lines()
                .indexOf("latest    WRONG  demo: the bucket has none, although sequence 1 was published from here");
        assertThat(line).as(outcome.out()).isPositive();
        assertThat(outcome.lines().get(line + 1))
                .startsWith(
                        "                 HINT: somebody deleted it, or caravan.s3.bucket or .prefix names another place");
        assertThat(outcome.lines())
                .anyMatch(each -> each.startsWith("daemon    WRONG  no caravan run is at work with "));
        assertThat(outcome.lines().get(outcome.lines().size() - 1)).startsWith("2 things are wrong");
        assertThat(outcome.status()).isEqualTo(3);
    }

    @Test
    void forMachinesEachFindingIsAnObjectOnALineAndOfflineAsksNobody() throws Exception {
        publisher.set("caravan.s3.endpoint", "http://127.0.0.1:1").set("caravan.stage.free-space-floor", "1000TB");

        Outcome outcome = doctor("--json", "--offline");

        assertThat(outcome.status()).isEqualTo(4);
        List<JsonNode> found = new ArrayList<>();
        for (String line : outcome.lines()) {
            found.add(new ObjectMapper().readTree(line));
        }
        assertThat(found)
                .extracting(each -> each.path("subject").asText())
                .contains("disk", "routes")
                .doesNotContain("bucket", "latest", "clock", "public");
        JsonNode disk = found.stream()
                .filter(each -> each.path("weight").asText().equals("wrong"))
                .findFirst()
                .orElseThrow();
        assertThat(disk.path("about").asText()).isEqualTo("demo");
        assertThat(disk.path("what").asText()).contains("are free, less than the ");
        assertThat(disk.path("hint").asText()).startsWith("free some space there");
        assertThat(disk.path("exitStatus").asInt()).isEqualTo(4);
    }

    /** Path, mode, size, time and content of all files of this test and of its part of the bucket. */
    private List<String> everything() throws IOException {
        List<String> all = new ArrayList<>();
        PublishedBucket bucket = site.bucketOf(publisher);
        for (Path root : List.of(site.home(), bucket.fileOf(""))) {
            try (Stream<Path> files = Files.walk(root)) {
                files.sorted().map(DoctorCommandTest::fingerprint).forEach(all::add);
            }
        }
        return all;
    }

    private static String fingerprint(Path path) {
        try {
            Map<String, Object> facts =
                    Files.readAttributes(path, "unix:mode,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            return path + " " + facts.get("mode") + " " + facts.get("nlink") + " " + facts.get("size") + " "
                    + facts.get("lastModifiedTime");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Outcome(int status, String out) {

        List<String> lines() {
            return out.lines().toList();
        }
    }

    private Outcome doctor(String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine command = new CommandLine(
                new DoctorCommand(new Installation(Path.of("").toAbsolutePath(), publisher.environment())));
        int status = command.setOut(new PrintWriter(out)).execute(arguments);
        return new Outcome(status, out.toString());
    }
}
