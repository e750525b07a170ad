package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code sync.sh} as a process, with a key and a state directory of its own. */
final class SyncScript {

    static final Path FILE = Path.of("src", "main", "sync", "sync.sh").toAbsolutePath();

    private final Path state;
    private final String key;
    private final Map<String, String> environment = new TreeMap<>();

    SyncScript(Path state, String key) {
        this.state = state;
        this.key = key;
    }

    /** The same with another variable in its environment. */
    SyncScript with(String name, String value) {
        SyncScript other = new SyncScript(state, key);
        other.environment.putAll(environment);
        other.environment.put(name, value);
        return other;
    }

    /** How it ended and what it said, on standard output and standard error. */
    record Ended(int status, String output) {

        /** Fails unless it ended so, in one line of what is wrong and one hint. */
        Ended refusedWith(int expected, String... parts) {
            assertThat(status).as(output).isEqualTo(expected);
            for (String part : parts) {
                assertThat(output).contains(part);
            }
            List<String> lines = output.lines().toList();
            assertThat(lines).as(output).hasSizeGreaterThanOrEqualTo(2);
            assertThat(lines.get(lines.size() - 1)).startsWith("HINT: ");
            assertThat(lines).filteredOn(line -> line.startsWith("HINT: ")).hasSize(1);
            assertThat(output).doesNotContain(".sh: line ");
            return this;
        }

        /** Fails unless it worked. */
        Ended done() {
            assertThat(status).as(output).isZero();
            assertThat(output).doesNotContain(".sh: line ", "HINT:");
            return this;
        }
    }

    /** Restores, or what the options say, and waits for the end. */
    Ended run(String url, Path target, String... options) throws IOException, InterruptedException {
        return end(process(url, target, options));
    }

    /** The process, not yet started. */
    ProcessBuilder process(String url, Path target, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                url, target.toString(), "--key", key, "--state", state.toString(), "--pause", "0", "--stall", "2"));
        arguments.addAll(List.of(options));
        return command(arguments);
    }

    /** The script with arguments as they are. */
    ProcessBuilder command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("bash", FILE.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder;
    }

    /** Runs it to its end. */
    static Ended end(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
