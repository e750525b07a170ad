package caravan.capture.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The process that stops a node and promises to let it go on, whatever becomes of us: the script {@code watchdog.sh}, in
 * a session of its own. When this end of its pipe is closed, by us or because we were killed, it keeps its promise.
 */
final class Watchdog implements AutoCloseable {

    /** A node that is started must not inherit our secrets. */
    private static final Set<String> INHERITED =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS");

    private static final long LARGEST_LOG = 1 << 20;
    private static final String GONE = "gone";

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    private Watchdog(Process process) {
        this.process = process;
        Thread reader = new Thread(this::readAnswers, "watchdog-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts one, which does nothing until it is told {@code hold}.
     *
     * @param orders what it must know before
     * @param log where it writes what it did without us
     */
    static Watchdog start(List<String> orders, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("setsid", "sh", "-c", script(), "caravan-watchdog");
        builder.environment().keySet().retainAll(INHERITED);
        builder.directory(Path.of("/").toFile());
        Files.createDirectories(
                log.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
            Files.delete(log);
        }
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Watchdog watchdog = new Watchdog(builder.start());
        try {
            for (String order : orders) {
                watchdog.tell(order);
            }
            return watchdog;
        } catch (IOException e) {
            watchdog.close();
            throw e;
        }
    }

    /** Gives an order and waits for the answer; {@code gone} if the watchdog is not there or does not answer in time. */
    String ask(String order, Duration patience) {
        try {
            tell(order);
            String answer = waitForAnswer(System.nanoTime() + patience.toNanos());
            return answer == null ? GONE : answer;
        } catch (IOException e) {
            return GONE;
        }
    }

    /** Of its process. */
    long pid() {
        return process.pid();
    }

    /** Lets go of it: if a node is still held, it goes on. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone, so it reads the end of nothing.
            return;
        }
    }

    private void tell(String order) throws IOException {
        if (order.indexOf('\n') >= 0 || order.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("an order is one line");
        }
        process.getOutputStream().write((order + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** A node that stands still must go on: an interrupt waits until that is done. */
    private String waitForAnswer(long deadline) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void readAnswers() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                answers.add(line);
                line = lines.readLine();
            }
        } catch (IOException e) {
            // Its end was closed; what matters is that no answer will come.
            answers.add(GONE);
            return;
        }
        answers.add(GONE);
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
