package caravan.capture;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs an operator's command, in a session of its own and for a limited time. It does not inherit our secrets; of what
 * it prints the beginning is kept for a message, and the rest is read and dropped.
 */
final class ShellCommand {

    private static final Set<String> INHERITED = Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL");
    private static final int MOST_OF_A_MESSAGE = 1000;
    private static final int TIMED_OUT = 124;

    private final String what;
    private final Duration limit;
    private final Map<String, String> environment;

    /** @param what the setting that names the command, for messages */
    ShellCommand(String what, Duration limit, Map<String, String> environment) {
        this.what = what;
        this.limit = limit;
        this.environment = Map.copyOf(environment);
    }

    void run(String command) throws FailedException, TransientException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                "setsid", "timeout", "-k", "5", Long.toString(Math.max(1, limit.toSeconds())), "sh", "-c", command));
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectInput(new File("/dev/null"));
        try {
            Process process = builder.start();
            FirstWords words = new FirstWords(process, MOST_OF_A_MESSAGE);
            int status = process.waitFor();
            if (status != 0) {
                throw new FailedException(
                        what
                                + (status == TIMED_OUT
                                        ? " took longer than " + limit.toSeconds() + " s"
                                        : " failed with status " + status)
                                + messageOf(words),
                        "run the command by hand; it must end by itself, and with status 0 if all is well");
            }
        } catch (IOException e) {
            throw new FailedException(
                    what + " could not be run: " + e,
                    "sh, setsid and timeout must be installed (util-linux, coreutils)",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException(what + " was interrupted", "the program was told to stop; run it again", e);
        }
    }

    private static String messageOf(FirstWords words) throws InterruptedException {
        String text = words.text();
        return text.isEmpty() ? "" : ": " + text;
    }
}
