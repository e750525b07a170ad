package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
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
            StringBuilder said = new StringBuilder();
            Thread reader = new Thread(() -> read(process.getInputStream(), said), "hook-output");
            reader.setDaemon(true);
            reader.start();
            int status = process.waitFor();
            // Something that the command left running may hold its output open for ever.
            reader.join(200);
            if (status != 0) {
                throw new FailedException(
                        what
                                + (status == TIMED_OUT
                                        ? " took longer than " + limit.toSeconds() + " s"
                                        : " failed with status " + status)
                                + messageOf(said),
                        "run the command by hand; it must end by itself, and with status 0 if all is well");
            }
        } catch (IOException e) {
            throw new FailedException(what + " could not be run: " + e, "", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException(what + " was interrupted", "", e);
        }
    }

    private static String messageOf(StringBuilder said) {
        synchronized (said) {
            String text = said.toString().strip().replaceAll("\\s*\\R\\s*", "; ");
            return text.isEmpty() ? "" : ": " + text;
        }
    }

    private static void read(InputStream in, StringBuilder said) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (said) {
                    int room = Math.min(count, MOST_OF_A_MESSAGE - said.length());
                    if (room > 0) {
                        said.append(new String(buffer, 0, room, UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            // The process is gone; what it said so far is what there is.
            return;
        }
    }
}
