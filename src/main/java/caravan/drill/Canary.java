package caravan.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a {@link CanaryCommand} on a restored database, in a session of its own and with none of our secrets in its
 * environment. When it is over, however it ended, nothing that it started is left: all of it is told to end, and killed
 * if it does not.
 */
final class Canary {

    private static final Set<String> INHERITED = Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ");

    /** Status of {@code timeout} when it had to end the command. */
    private static final int TIMED_OUT = 124;

    private static final int LONGEST_LINE = 400;

    /** The usual. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final CanaryCommand canary;

    private final Duration grace;

    /** @param grace how long something that was told to end may take for it */
    Canary(CanaryCommand canary, Duration grace) {
        this.canary = canary;
        this.grace = grace;
    }

    /**
     * Lets the command judge.
     *
     * @param facts what it finds in its environment
     * @return why it found the database bad; empty if it is good
     * @throws FailedException if it could not be run at all
     */
    Optional<String> judge(Path directory, Map<String, String> facts) throws FailedException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                "setsid",
                "timeout",
                "-k",
                Long.toString(grace.toSeconds()),
                Long.toString(Math.max(1, canary.limit().toSeconds())),
                "sh",
                "-c",
                canary.command()));
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(facts);
        MarkedProcesses started = MarkedProcesses.marking(builder.environment());
        builder.directory(directory.toFile());
        builder.redirectErrorStream(true);
        builder.redirectInput(new File("/dev/null"));
        try {
            Process process = builder.start();
            AtomicReference<String> last = new AtomicReference<>("");
            Thread reader = new Thread(() -> keepLastLine(process, last), "canary-output");
            reader.setDaemon(true);
            reader.start();
            boolean ended;
            try {
                ended = process.waitFor(canary.limit().plus(grace).plus(grace).toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                // By its handle: Process.destroy would close its output, and what it said last would be lost.
                process.toHandle().destroy();
                started.end(grace);
            }
            reader.join(grace.toMillis());
            return verdict(ended ? process.waitFor() : TIMED_OUT, last.get());
        } catch (IOException e) {
            throw new FailedException(
                    "the canary could not be run: " + e, "it needs setsid (util-linux) and timeout (coreutils)", e);
        }
    }

    private Optional<String> verdict(int status, String last) {
        if (status == 0) {
            return Optional.empty();
        }
        String said = last.isEmpty() ? "" : "; its last line: " + last;
        return Optional.of(
                status == TIMED_OUT
                        ? "the canary took longer than " + canary.limit().toSeconds() + " s" + said
                        : "the canary ended with status " + status + said);
    }

    private static void keepLastLine(Process process, AtomicReference<String> last) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            StringBuilder line = new StringBuilder();
            for (int next = lines.read(); next >= 0; next = lines.read()) {
                if (next == '\n') {
                    keep(line, last);
                } else if (line.length() < LONGEST_LINE) {
                    line.append((char) next);
                }
            }
            keep(line, last);
        } catch (IOException e) {
            // It is gone; what it said so far is what there is.
            return;
        }
    }

    private static void keep(StringBuilder line, AtomicReference<String> last) {
        String text = line.toString().strip();
        if (!text.isEmpty()) {
            last.set(text);
        }
        line.setLength(0);
    }
}
