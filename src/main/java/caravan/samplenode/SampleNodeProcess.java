package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A sample node in a process of its own, of the same Java and class path as this one. Its output goes to {@code
 * node.log} in its base directory. Closing it asks it to stop and kills it if it does not; what it wrote stays.
 */
public final class SampleNodeProcess implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("sample node ready: rpc (\\S+) base .* height (\\d+)");

    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private static final long STOP_LIMIT_SECONDS = 20;

    private static final long POLL_MILLIS = 20;

    private final BaseDirectory base;

    private final Process process;

    private final URI rpcUrl;

    private final long startHeight;

    private SampleNodeProcess(BaseDirectory base, Process process, URI rpcUrl, long startHeight) {
        this.base = base;
        this.process = process;
        this.rpcUrl = rpcUrl;
        this.startHeight = startHeight;
    }

    /**
     * Starts a node on {@code base}, which may hold what an earlier one left, and waits until it is ready.
     *
     * @param options further ones of the command {@code sample-node}, for example {@code "--initial-bytes", "64MB"}
     * @throws FailedException if it ends or is not ready in three minutes; no process is left behind
     */
    public static SampleNodeProcess start(Path base, String... options) throws CaravanException, InterruptedException {
        Path log = base.resolve("node.log");
        Process process;
        try {
            Path temporary = Files.createDirectories(base.resolve("tmp"));
            process = new ProcessBuilder(command(base, temporary, options))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new FailedException("cannot start the sample node in " + base + ": " + e, "is there space?", e);
        }
        try {
            Matcher ready = awaitReady(process, log);
            return new SampleNodeProcess(
                    new BaseDirectory(base), process, URI.create(ready.group(1)), Long.parseLong(ready.group(2)));
        } catch (CaravanException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Where its files lie. */
    public BaseDirectory base() {
        return base;
    }

    /** Where its JSON-RPC server answers. */
    public URI rpcUrl() {
        return rpcUrl;
    }

    /** The height it had when it got ready. */
    public long startHeight() {
        return startHeight;
    }

    /** The process itself, to freeze or kill it for example. */
    public Process process() {
        return process;
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

    static List<String> command(Path base, Path temporary, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // RocksDB unpacks its native library there and leaves it there when the process is killed.
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                classPath(),
                SampleNode.class.getName(),
                "--base-path",
                base.toString()));
        command.addAll(List.of(options));
        return command;
    }

    private static Matcher awaitReady(Process process, Path log) throws CaravanException, InterruptedException {
        Instant deadline = Instant.now().plus(START_LIMIT);
        boolean ended = false;
        while (Instant.now().isBefore(deadline)) {
            String text = read(log);
            Matcher ready = READY.matcher(text);
            if (ready.find()) {
                return ready;
            }
            if (ended) {
                throw new FailedException(
                        "the sample node ended with status " + process.exitValue() + " before it was ready: "
                                + text.strip().replaceAll("\\s+", " "),
                        "its output is in " + log);
            }
            // Looks into the output once more after the end: a node with little to do may be ready and gone.
            ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
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

    /**
     * Where the classes of this process come from. Inside Maven (mvn camel:run) that is not what Java was started with.
     */
    private static String classPath() {
        if (SampleNode.class.getClassLoader() instanceof URLClassLoader loader) {
            return Arrays.stream(loader.getURLs())
                    .map(URL::getPath)
                    .map(path -> URLDecoder.decode(path, UTF_8))
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return System.getProperty("java.class.path");
    }
}
