package caravan.signature;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real {@code ssh-keygen}, run in one directory. */
final class SshKeygen {

    private final Path directory;

    SshKeygen(Path directory) {
        this.directory = directory;
        assumeTrue(isInstalled(), "ssh-keygen is not installed, so nothing can be compared with it");
    }

    private static boolean isInstalled() {
        return List.of(System.getenv("PATH").split(File.pathSeparator, -1)).stream()
                .anyMatch(place -> Files.isExecutable(Path.of(place, "ssh-keygen")));
    }

    /** What it prints; a failure is an {@link AssertionError}. */
    String run(byte[] input, String... arguments) throws IOException, InterruptedException {
        Outcome outcome = outcomeOf(input, arguments);
        if (outcome.status() != 0) {
            throw new AssertionError("ssh-keygen ended with " + outcome.status() + ": " + outcome.output());
        }
        return outcome.output();
    }

    Outcome outcomeOf(byte[] input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ssh-keygen"));
        command.addAll(List.of(arguments));
        Path stdin = Files.write(directory.resolve("stdin"), input);
        Path output = directory.resolve("stdout");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(stdin.toFile())
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("ssh-keygen did not end within 30 s");
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    record Outcome(int status, String output) {}
}
