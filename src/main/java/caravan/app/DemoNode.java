package caravan.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.samplenode.SampleNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A sample node in a process of its own, which ends when this is closed. Its output is in {@code node.log}. */
final class DemoNode implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("sample node ready: rpc (\\S+) base ");

    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final long STOP_LIMIT_SECONDS = 20;

    private static final long POLL_MILLIS = 50;

    private final Path base;

    private final Process process;

    private final String rpcUrl;

    private DemoNode(Path base, Process process, String rpcUrl) {
        this.base = base;
        this.process = process;
        this.rpcUrl = rpcUrl;
    }

    /** Starts a node with a database of about {@code initialBytes} and waits until it is ready. */
    static DemoNode start(Path base, String initialBytes) throws CaravanException, InterruptedException {
        Path log = base.resolve("node.log");
        Process process;
        try {
            Path temporary = Files.createDirectories(base.resolve("tmp"));
            process = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            // RocksDB unpacks its native library there, and leaves it there when the process is killed.
                            "-Djava.io.tmpdir=" + temporary,
                            "-cp",
                            System.getProperty("java.class.path"),
                            SampleNode.class.getName(),
                            "--base-path",
                            base.toString(),
                            "--initial-bytes",
                            initialBytes))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new FailedException("cannot start the sample node in " + base + ": " + e, "is there space?", e);
        }
        return new DemoNode(base, process, awaitReady(process, log));
    }

    String rpcUrl() {
        return rpcUrl;
    }

    /** The database's root, which is what an operator of a real node would configure. */
    Path database() {
        return base.resolve("chains").resolve("demo");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static String awaitReady(Process process, Path log) throws CaravanException, InterruptedException {
        Instant deadline = Instant.now().plus(START_LIMIT);
        while (Instant.now().isBefore(deadline)) {
            String text = read(log);
            Matcher ready = READY.matcher(text);
            if (ready.find()) {
                return ready.group(1);
            }
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new FailedException(
                        "the sample node ended with status " + process.exitValue() + " before it was ready: "
                                + text.strip().replaceAll("\\s+", " "),
                        "its output is in " + log);
            }
        }
        process.destroyForcibly();
        throw new FailedException(
                "the sample node was not ready after " + START_LIMIT.toSeconds() + " s", "its output is in " + log);
    }

    private static String read(Path log) throws FailedException {
        try {
            return Files.readString(log, UTF_8);
        } catch (IOException e) {
            throw new FailedException("cannot read " + log + ": " + e, "is there space?", e);
        }
    }
}
