package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sample node in a process of its own, for tests. Closing it kills it if it still runs; what it wrote stays.
 *
 * <p>Its output goes to {@code node.log} in its base directory.
 */
public final class RunningSampleNode implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("sample node ready: rpc (\\S+) base .* height (\\d+)");
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final long STOP_TIMEOUT_SECONDS = 30;

    private final BaseDirectory base;
    private final Process process;
    private final URI rpcUrl;
    private final long startHeight;

    private RunningSampleNode(BaseDirectory base, Process process, URI rpcUrl, long startHeight) {
        this.base = base;
        this.process = process;
        this.rpcUrl = rpcUrl;
        this.startHeight = startHeight;
    }

    /**
     * Starts a node on {@code base}, which may hold what an earlier one left, and waits until it is ready.
     *
     * @param options further ones of the command {@code sample-node}, for example {@code "--initial-bytes", "64MB"}
     */
    public static RunningSampleNode start(Path base, Profile profile, String... options) throws IOException {
        Path temporary = Files.createDirectories(base.resolve("tmp"));
        Path log = base.resolve("node.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // RocksDB unpacks its native library there and leaves it there when the process is killed.
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                SampleNode.class.getName(),
                "--base-path",
                base.toString(),
                "--profile",
                profile.name()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(new File(log.toString())))
                .start();
        try {
            await().atMost(START_TIMEOUT)
                    .pollInterval(Duration.ofMillis(10))
                    .failFast(() -> !process.isAlive() && !readyLine(log).find())
                    .until(() -> readyLine(log).find());
            Matcher ready = readyLine(log);
            if (!ready.find()) {
                throw new IllegalStateException("the ready line vanished");
            }
            return new RunningSampleNode(
                    new BaseDirectory(base), process, URI.create(ready.group(1)), Long.parseLong(ready.group(2)));
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw new IllegalStateException("the sample node did not get ready:\n" + Files.readString(log, UTF_8), e);
        }
    }

    private static Matcher readyLine(Path log) throws IOException {
        return READY.matcher(Files.readString(log, UTF_8));
    }

    /** Where its JSON-RPC server answers. */
    public URI rpcUrl() {
        return rpcUrl;
    }

    /** The height it had when it got ready. */
    public long startHeight() {
        return startHeight;
    }

    /** {@code <base>/chains/demo}. */
    public Path databaseRoot() {
        return base.databaseRoot();
    }

    /** The main RocksDB, {@code db/full} in the database root. */
    public Path fullStore() {
        return base.fullStore();
    }

    /** The nested RocksDB, {@code db/full/parachains/db} in the database root. */
    public Path parachainsStore() {
        return base.parachainsStore();
    }

    /** The last height that the main store's writer has seen committed; can be asked of a dead node too. */
    public long acknowledgedHead() throws IOException {
        return AcknowledgedHead.read(base.acknowledged());
    }

    /** Of the node's process, to freeze it for example. */
    public long pid() {
        return process.pid();
    }

    /** Whether the process is there. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Asks the node to stop, as a service manager does, and waits for its end. */
    public void stop() throws InterruptedException {
        process.destroy();
        awaitEnd();
    }

    /** Kills the node on the spot and waits for its end. */
    public void kill9() throws InterruptedException {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Waits for the end of a node that ends by itself. */
    public int awaitEnd() throws InterruptedException {
        if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the sample node did not end in " + STOP_TIMEOUT_SECONDS + " s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
