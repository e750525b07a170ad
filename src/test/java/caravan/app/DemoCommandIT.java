package caravan.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first command of the README. */
@Timeout(300)
final class DemoCommandIT {

    private static final Pattern PAGE = Pattern.compile("The page: {2}(\\S+)");

    @TempDir
    Path directory;

    @Test
    void wholePipelineRunsTwiceAndBothClientsRestoreWhatTheNodeWrote() throws Exception {
        Installed.Outcome outcome = Installed.here()
                .run(Map.of(), "demo", "--once", "--initial-bytes", "48MB", "--directory", directory.toString())
                .requireSuccess();

        List<String> lines = outcome.out().lines().toList();
        assertThat(lines)
                .filteredOn(line -> line.startsWith("first publication"))
                .hasSize(1);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("second publication"))
                .hasSize(1);
        for (String region : List.of("us-east-1", "sa-east-1", "ap-southeast-2", "eu-central-1", "ap-northeast-1")) {
            assertThat(lines)
                    .filteredOn(line -> line.startsWith(region))
                    .as("of both publications")
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line).containsPattern(" ok +0% > 100% "));
        }
        assertThat(lines).filteredOn(line -> line.startsWith("restored by ")).hasSize(2);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("RocksDB opens restored-") && line.endsWith("all right"))
                .hasSize(4);
        assertThat(processesOf(directory)).isEmpty();
        assertThat(lines).noneMatch(line -> line.contains("--key") && line.contains("http:"));
        String fetch = lines.stream()
                .filter(line -> line.startsWith("  caravan fetch "))
                .findFirst()
                .orElseThrow();
        Installed.here()
                .run(
                        Map.of(),
                        fetch.strip()
                                .substring("caravan ".length())
                                .replace(" DIR ", " " + directory.resolve("again") + " ")
                                .split(" ", -1))
                .requireSuccess();
        assertThat(directory.resolve("again/db/full/CURRENT")).exists();
    }

    @Test
    void itServesThePageUntilItIsStoppedAndLeavesNoNodeBehind() throws Exception {
        Installed.Running demo =
                Installed.here().start(Map.of(), "demo", "--initial-bytes", "8MB", "--directory", directory.toString());
        try {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> Files.readString(demo.out(), UTF_8).contains("first publication"));
            assertThat(processesOf(directory)).isNotEmpty();

            Matcher page = PAGE.matcher(Files.readString(demo.out(), UTF_8));
            assertThat(page.find()).isTrue();
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(page.group(1))).build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("X-Amz-Cf-Pop"))
                    .hasValueSatisfying(pop -> assertThat(pop).startsWith("FRA"));
            assertThat(answer.body()).contains("<title>Snapshots</title>");
        } finally {
            demo.process().destroy();
        }

        assertThat(demo.process().waitFor(45, TimeUnit.SECONDS)).isTrue();
        assertThat(processesOf(directory)).isEmpty();
    }

    @Test
    void demoInWhichAStageFailedIsNoSuccessThoughBothSnapshotsArePublished() throws Exception {
        Installed changed = Installed.here().copyTo(Files.createDirectory(directory.resolve("installed")));
        Path settings = directory.resolve("installed/config/demo.properties");
        Files.writeString(
                settings,
                Files.readString(settings)
                        .replace(
                                "caravan.cdn=cloudfront",
                                "caravan.cdn=purge\ncaravan.purge.addresses=http://127.0.0.1:1\n"
                                        + "caravan.cdn.retry.attempts=0"));

        Installed.Outcome outcome = changed.run(
                Map.of(),
                "demo",
                "--once",
                "--initial-bytes",
                "4MB",
                "--directory",
                directory.resolve("d").toString());

        assertThat(outcome.out()).contains("second publication");
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(1);
        assertThat(outcome.said().get(0)).contains("purge-cache 127.0.0.1:1 failed: ", "cannot reach the cache");
    }

    @Test
    void demoThatCannotWriteSaysSo() throws Exception {
        Path file = Files.createFile(directory.resolve("a-file"));

        Installed.here()
                .run(Map.of(), "demo", "--once", "--directory", file.toString())
                .requireFailure(2, "cannot use " + file, "--directory");
    }

    /** The node's process; what Java tells of a command line ends before the options of a long one. */
    private static List<ProcessHandle> processesOf(Path directory) {
        return ProcessHandle.allProcesses()
                .filter(process -> commandLineOf(process).contains("\0" + directory.resolve("node") + "\0"))
                .toList();
    }

    private static String commandLineOf(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
