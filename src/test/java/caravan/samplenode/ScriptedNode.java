package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A sample node that is started and stopped by shell commands, as a service is. Starting one that runs is harmless.
 * Closing it kills it.
 */
public final class ScriptedNode implements AutoCloseable {

    private final BaseDirectory base;
    private final Path pidFile;
    private final Path start;
    private final Path stop;

    private ScriptedNode(BaseDirectory base, Path pidFile, Path start, Path stop) {
        this.base = base;
        this.pidFile = pidFile;
        this.start = start;
        this.stop = stop;
    }

    /** Writes the scripts and starts the node for the first time. */
    public static ScriptedNode start(Path directory, Profile profile, String... options) throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        String[] all = Stream.concat(Stream.of("--profile", profile.name()), Stream.of(options))
                .toArray(String[]::new);
        Path pidFile = directory.resolve("pid");
        String command = SampleNodeProcess.command(directory, temporary, all).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Path start = Files.writeString(
                directory.resolve("start.sh"),
                "if [ -s '" + pidFile + "' ] && kill -0 \"$(cat '" + pidFile + "')\" 2>/dev/null; then exit 0; fi\n"
                        + command + " >'" + directory.resolve("node.log") + "' 2>&1 </dev/null &\n"
                        + "echo $! >'" + pidFile + "'\n");
        Path stop = Files.writeString(
                directory.resolve("stop.sh"),
                "pid=$(cat '" + pidFile
                        + "')\nkill \"$pid\"\nwhile kill -0 \"$pid\" 2>/dev/null; do sleep 0.05; done\n");
        ScriptedNode node = new ScriptedNode(new BaseDirectory(directory), pidFile, start, stop);
        new ProcessBuilder(List.of("setsid", "sh", start.toString())).start().waitFor();
        node.awaitHeadAbove(0);
        return node;
    }

    /** Shell command that starts it. */
    public String startCommand() {
        return "sh '" + start + "'";
    }

    /** Shell command that stops it and waits for its end. */
    public String stopCommand() {
        return "sh '" + stop + "'";
    }

    /** {@code <base>/chains/demo}. */
    public Path databaseRoot() {
        return base.databaseRoot();
    }

    /** The last height that was committed, also of a node that is down; -1 if it never ran. */
    public long acknowledgedHead() throws IOException {
        return Files.exists(base.acknowledged()) ? AcknowledgedHead.read(base.acknowledged()) : -1;
    }

    /** Waits until it has committed more than {@code height}. */
    public void awaitHeadAbove(long height) {
        await().atMost(Duration.ofMinutes(2)).until(() -> acknowledgedHead() > height);
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(pidFile)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pidFile, UTF_8).strip()))
                    .ifPresent(process -> {
                        process.destroyForcibly();
                        process.onExit().join();
                    });
        }
    }
}
