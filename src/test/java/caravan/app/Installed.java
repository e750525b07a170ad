package caravan.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The program as it is installed, and what it does when somebody types a command. */
final class Installed {

    private static final long LONGEST_SECONDS = 90;

    private static final Pattern LOG_LINE = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT.*");

    private final Path home;

    private Installed(Path home) {
        this.home = home;
    }

    /** The installation that the build made. */
    static Installed here() {
        return new Installed(Path.of(System.getProperty("caravan.home")));
    }

    /** Another one in {@code directory}, whose routes and settings may be changed. */
    Installed copyTo(Path directory) throws IOException {
        for (String part : List.of("bin", "routes", "config")) {
            Path target = Files.createDirectories(directory.resolve(part));
            try (var files = Files.list(home.resolve(part))) {
                for (Path file : files.toList()) {
                    Files.copy(file, target.resolve(file.getFileName()));
                }
            }
        }
        Files.createSymbolicLink(directory.resolve("lib"), home.resolve("lib").toAbsolutePath());
        assertThat(directory.resolve("bin/caravan").toFile().setExecutable(true))
                .isTrue();
        return new Installed(directory);
    }

    /**
     * What came of a command.
     *
     * @param status exit status
     * @param out standard output
     * @param err standard error
     */
    record Outcome(int status, String out, String err) {

        /** What is on standard error beside the log. */
        List<String> said() {
            return err.lines().filter(line -> !LOG_LINE.matcher(line).matches()).toList();
        }

        /** Fails unless it ended well. */
        Outcome requireSuccess() {
            assertThat(status).as("%s%n%s", out, err).isZero();
            assertThat(said()).isEmpty();
            return this;
        }

        /** Fails unless it ended with one line and a hint. */
        void requireFailure(int expected, String line, String hint) {
            assertThat(said()).as("all of it: %s", err).hasSize(2);
            assertThat(said().get(0)).startsWith("caravan: ").contains(line);
            assertThat(said().get(1)).startsWith("HINT: ").contains(hint);
            assertThat(status).isEqualTo(expected);
        }
    }

    /** Runs {@code caravan} with these words and waits for its end. */
    Outcome run(Map<String, String> environment, String... words) throws Exception {
        return finish(start(environment, words));
    }

    /** A process whose output is kept; it must be given to {@link #finish} or killed. */
    record Running(Process process, Path out, Path err) {}

    Running start(Map<String, String> environment, String... words) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin").resolve("caravan").toString()));
        command.addAll(List.of(words));
        return start(environment, command);
    }

    /** Runs the program inside a shell command, in which {@code "$@"} stands for it. */
    Outcome runInShell(Map<String, String> environment, String shell, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", shell, "sh"));
        command.add(home.resolve("bin").resolve("caravan").toString());
        command.addAll(List.of(words));
        return finish(start(environment, command));
    }

    private static Running start(Map<String, String> environment, List<String> command) throws IOException {
        Path out = Files.createTempFile("caravan-out", ".txt");
        Path err = Files.createTempFile("caravan-err", ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CARAVAN_"));
        builder.environment().put("CARAVAN_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
        builder.environment().putAll(environment);
        return new Running(builder.start(), out, err);
    }

    static Outcome finish(Running running) throws Exception {
        try {
            assertThat(running.process().waitFor(LONGEST_SECONDS, TimeUnit.SECONDS))
                    .as("ends within %d s", LONGEST_SECONDS)
                    .isTrue();
            return new Outcome(
                    running.process().exitValue(),
                    Files.readString(running.out(), UTF_8),
                    Files.readString(running.err(), UTF_8));
        } finally {
            running.process().destroyForcibly();
            Files.deleteIfExists(running.out());
            Files.deleteIfExists(running.err());
        }
    }

    Path home() {
        return home;
    }
}
