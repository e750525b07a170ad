package caravan.pace;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * With which priority a thread, or a process that is about to be started, reads and writes disks. It is set with {@code
 * ionice} (util-linux). A system without that, or a disk whose scheduler does not honour it, is no failure: then
 * nothing changes. Safe for many threads.
 */
public final class IoPriority {

    /** As the system has it. */
    public static final IoPriority NORMAL = new IoPriority(List.of());

    private static final Logger LOG = LoggerFactory.getLogger(IoPriority.class);

    /** A link to {@code <process>/task/<thread>}, for whoever reads it. */
    private static final Path THIS_THREAD = Path.of("/proc/thread-self");

    private static final long PATIENCE_SECONDS = 10;

    private final List<String> options;

    private final AtomicBoolean complained = new AtomicBoolean();

    private IoPriority(List<String> options) {
        this.options = List.copyOf(options);
    }

    /** {@code low}: after all others; {@code idle}: only when nobody else wants the disk; or {@code normal}. */
    public static IoPriority of(String level) {
        return switch (level) {
            case "low" -> new IoPriority(List.of("-c", "2", "-n", "7"));
            case "idle" -> new IoPriority(List.of("-c", "3"));
            case "normal" -> NORMAL;
            default -> throw new IllegalArgumentException("no I/O priority is called " + level);
        };
    }

    /** Sets the priority of the calling thread, and of those that it starts from now on. */
    public void applyToThisThread() {
        if (options.isEmpty()) {
            return;
        }
        try {
            String thread = Files.readSymbolicLink(THIS_THREAD).getFileName().toString();
            List<String> command = new ArrayList<>(List.of("ionice"));
            command.addAll(options);
            command.addAll(List.of("-p", thread));
            Process ionice = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!ionice.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || ionice.exitValue() != 0) {
                ionice.destroyForcibly();
                complain("ionice does not set it");
            }
        } catch (IOException e) {
            complain(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command line that starts {@code command} with this priority; itself where that is not possible. */
    public List<String> command(List<String> command) {
        if (options.isEmpty() || !isInstalled()) {
            return command;
        }
        List<String> whole = new ArrayList<>(List.of("ionice"));
        whole.addAll(options);
        whole.addAll(command);
        return whole;
    }

    private static boolean isInstalled() {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, "ionice"))) {
                return true;
            }
        }
        return false;
    }

    private void complain(String why) {
        if (complained.compareAndSet(false, true)) {
            LOG.info("reading goes on with the usual I/O priority: {}", why);
        }
    }
}
