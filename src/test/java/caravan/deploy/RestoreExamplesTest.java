package caravan.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.command.FetchCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** deploy/restore: each example calls the client as it is, with the exit status that it has. */
final class RestoreExamplesTest {

    private static final Path EXAMPLES = Path.of("deploy/restore");

    private static final Pattern CALL = Pattern.compile("/opt/caravan/bin/caravan (fetch [^'\\n]+)");

    static Stream<Path> examples() throws Exception {
        try (Stream<Path> all = Files.list(EXAMPLES)) {
            return all.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void eachCallsFetchWithOptionsThatItHas(Path example) throws Exception {
        List<List<String>> calls = calls(example);

        assertThat(calls).hasSize(1);
        CommandLine fetch = new CommandLine(new FetchCommand(key -> ""));
        CommandLine.ParseResult parsed =
                fetch.parseArgs(calls.get(0).stream().skip(1).toArray(String[]::new));
        assertThat(parsed.hasMatchedOption("--base-path")).isTrue();
        assertThat(parsed.hasMatchedOption("--key")).isTrue();
        assertThat(parsed.hasMatchedOption("--state")).isTrue();
        assertThat(parsed.matchedOptionValue("--chain", "")).isEqualTo("polkadot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"compose.yaml", "statefulset.yaml"})
    void yamlIsRightAndTheNodeStartsOnlyAfterTheRestore(String name) throws Exception {
        Map<?, ?> example = (Map<?, ?>) yaml(EXAMPLES.resolve(name));

        String text = example.toString();
        assertThat(text).contains(name.equals("compose.yaml") ? "service_completed_successfully" : "initContainers");
        assertThat(text).contains("--base-path=/data");
    }

    @Test
    void theInitContainerTriesAgainOnlyWhatTryingAgainMayHelp() throws Exception {
        Matcher script = Pattern.compile("args:\\n +- \\|\\n(( {14}.*\\n)+)")
                .matcher(Files.readString(EXAMPLES.resolve("statefulset.yaml")));
        assertThat(script.find()).isTrue();
        String body = script.group(1).replace("sleep 60", "true");

        // fails twice with 75, then as each of these
        for (int last : new int[] {0, 3, 4}) {
            assertThat(run(body, last)).isEqualTo(last == 0 ? 0 : 1);
        }
    }

    @Test
    void theUnitTriesAgainOnlyWhatTryingAgainMayHelp() throws Exception {
        String unit = Files.readString(EXAMPLES.resolve("polkadot-restore.service"));

        assertThat(unit).contains("RestartForceExitStatus=75\n").contains("RestartPreventExitStatus=1 2 3 4\n");
        assertThat(unit.lines().filter(line -> line.startsWith("Condition")))
                .allMatch(
                        line -> line.matches(
                                "ConditionPathExists=!/var/lib/polkadot/chains/polkadot/(db/full/CURRENT|paritydb/full/metadata)"));
    }

    /** Runs the script with a client that fails twice with 75 and then ends with {@code last}. */
    private static int run(String script, int last) throws Exception {
        Path directory = Files.createTempDirectory("init-container");
        try {
            Path calls = directory.resolve("calls");
            String client = "client() { echo x >> " + calls + "; [ $(wc -l < " + calls + ") -gt 2 ] && return " + last
                    + "; return 75; }\n";
            String text = client
                    + script.replace("/opt/caravan/bin/caravan", "client").replace("/data/", directory + "/");
            int status =
                    new ProcessBuilder("bash", "-c", text).inheritIO().start().waitFor();
            assertThat(Files.readAllLines(calls)).hasSize(3);
            return status;
        } finally {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private static List<List<String>> calls(Path example) throws Exception {
        if (example.getFileName().toString().equals("compose.yaml")) {
            Map<?, ?> services = (Map<?, ?>) ((Map<?, ?>) yaml(example)).get("services");
            List<String> call = ((List<?>) ((Map<?, ?>) services.get("restore")).get("command"))
                    .stream().map(Object::toString).collect(Collectors.toList());
            return List.of(call);
        }
        List<List<String>> calls = new ArrayList<>();
        Matcher matcher = CALL.matcher(Files.readString(example));
        while (matcher.find()) {
            calls.add(Arrays.asList(matcher.group(1).trim().split(" +", -1)));
        }
        return calls;
    }

    private static Object yaml(Path file) throws Exception {
        LoadSettings strict =
                LoadSettings.builder().setAllowDuplicateKeys(false).build();
        return new Load(strict).loadFromString(Files.readString(file));
    }
}
