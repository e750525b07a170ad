package caravan.capture.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The process that stops a node and promises to let it go on, whatever becomes of us: the script {@code watchdog.sh},
 * in a session of its own. When this end of its pipe is closed, by us or because we were killed, it keeps its promise.
 */
final class Watchdog implements AutoCloseable {

    /** A node that is started must not inherit our secrets. */
    private static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS");

    /** What it is called in lists of processes. */
    static final String NAME = "caravan-watchdog";

    private static final long LARGEST_LOG = 1 << 20;

    private final AnsweringProcess process;

    private Watchdog(AnsweringProcess process) {
        this.process = process;
    }

    /**
     * Starts one, which does nothing until it is told {@code hold}.
     *
     * @param orders what it must know before
     * @param log where it writes what it did without us
     */
    static Watchdog start(List<String> orders, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", "sh", "-c", script(), NAME);
        builder.environment().keySet().retainAll(INHERITED);
        builder.directory(Path.of("/").toFile());
        Files.createDirectories(
                log.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
            Files.delete(log);
        }
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Watchdog watchdog = new Watchdog(new AnsweringProcess(builder.start(), "watchdog"));
        try {
            for (String order : orders) {
                watchdog.process.tell(order);
            }
            return watchdog;
        } catch (IOException e) {
            watchdog.close();
            throw e;
        }
    }

    /**
     * Gives an order and waits for the answer; {@code gone} if the watchdog is not there or does not answer in time.
     */
    String ask(String order, Duration patience) {
        return process.ask(order, patience);
    }

    /**
     * Runs a command as a watchdog does, for when there is none.
     *
     * @param limit how long it may take
     * @return whether it succeeded
     */
    static boolean run(String command, Duration limit) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                "setsid", "timeout", "-k", "5", Long.toString(Math.max(1, limit.toSeconds())), "sh", "-c", command);
        builder.environment().keySet().retainAll(INHERITED);
        builder.directory(Path.of("/").toFile());
        builder.redirectInput(new File("/dev/null"));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        return builder.start().onExit().join().exitValue() == 0;
    }

    /** Of its process. */
    long pid() {
        return process.pid();
    }

    /** Lets go of it: if a node is still held, it goes on. */
    @Override
    public void close() {
        process.close();
    }

    private static String script() throws IOException {
        try (InputStream in = Watchdog.class.getResourceAsStream("watchdog.sh")) {
            if (in == null) {
                throw new IOException("watchdog.sh is missing from the program");
            }
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
