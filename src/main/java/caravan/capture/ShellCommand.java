package caravan.capture;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs an operator's command, in a session of its own and for a limited time. It does not inherit our secrets; of what
 * it prints the beginning is kept for a message, and the rest is read and dropped.
 */
final class ShellCommand {

    private static final Set<String> INHERITED = Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL");
    private static final int MOST_OF_A_MESSAGE = 1000;
    private static final int TIMED_OUT = 124;

    /** What is told to end is killed after five seconds. */
    private static final long LONGEST_END_SECONDS = 7;

    private final String what;
    private final Duration limit;
    private final Map<String, String> environment;

    /** @param what the setting that names the command, for messages */
    ShellCommand(String what, Duration limit, Map<String, String> environment) {
        this.what = what;
        this.limit = limit;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Returns when {@code command} has succeeded.
     *
     * @throws TransientException if this thread is interrupted; the command has ended then, too
     */
    void run(String command) throws FailedException, TransientException {
        run(command, false);
    }

    /** The same for what cleans up: an interrupt waits until it is done. */
    void runToItsEnd(String command) throws FailedException, TransientException {
        run(command, true);
    }

    private void run(String command, boolean toItsEnd) throws FailedException, TransientException {
        boolean interrupted = toItsEnd && Thread.interrupted();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                "setsid", "timeout", "-k", "5", Long.toString(Math.max(1, limit.toSeconds())), "sh", "-c", command));
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        builder.redirectInput(new File("/dev/null"));
        try {
            Process process = builder.start();
            FirstWords words = new FirstWords(process, MOST_OF_A_MESSAGE);
            int status = toItsEnd ? process.onExit().join().exitValue() : statusOf(process);
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
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What was interrupted goes on no more: what cleans up after it must come later. */
    private static int statusOf(Process process) throws InterruptedException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            // By its handle: it hands the signal on to all that the command started.
            process.toHandle().destroy();
            process.onExit()
                    .completeOnTimeout(process, LONGEST_END_SECONDS, TimeUnit.SECONDS)
                    .join();
            process.destroyForcibly();
            throw e;
        }
    }

    private static String messageOf(FirstWords words) throws InterruptedException {
        String text = words.text();
        return text.isEmpty() ? "" : ": " + text;
    }
}
