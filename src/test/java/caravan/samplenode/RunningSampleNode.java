package caravan.samplenode;

import caravan.failure.CaravanException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A sample node in a process of its own, for tests. Closing it kills it if it still runs; what it wrote stays.
 *
 * <p>Its output goes to {@code node.log} in its base directory.
 */
public final class RunningSampleNode implements AutoCloseable {

    private static final long STOP_TIMEOUT_SECONDS = 30;

    private final SampleNodeProcess node;

    private RunningSampleNode(SampleNodeProcess node) {
        this.node = node;
    }

    /**
     * Starts a node on {@code base}, which may hold what an earlier one left, and waits until it is ready.
     *
     * @param options further ones of the command {@code sample-node}, for example {@code "--initial-bytes", "64MB"}
     */
    public static RunningSampleNode start(Path base, Profile profile, String... options) throws IOException {
        String[] all = Stream.concat(Stream.of("--profile", profile.name()), Stream.of(options))
                .toArray(String[]::new);
        try {
            return new RunningSampleNode(SampleNodeProcess.start(base, all));
        } catch (CaravanException e) {
            throw new IOException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the node starts", e);
        }
    }

    /** Where its JSON-RPC server answers. */
    public URI rpcUrl() {
        return node.rpcUrl();
    }

    /** The height it had when it got ready. */
    public long startHeight() {
        return node.startHeight();
    }

    /** {@code <base>/chains/demo}. */
    public Path databaseRoot() {
        return node.base().databaseRoot();
    }

    /** The main RocksDB, {@code db/full} in the database root. */
    public Path fullStore() {
        return node.base().fullStore();
    }

    /** The nested RocksDB, {@code db/full/parachains/db} in the database root. */
    public Path parachainsStore() {
        return node.base().parachainsStore();
    }

    /** The last height that the main store's writer has seen committed; can be asked of a dead node too. */
    public long acknowledgedHead() throws IOException {
        return AcknowledgedHead.read(node.base().acknowledged());
    }

    /** Of the node's process, to freeze it for example. */
    public long pid() {
        return node.process().pid();
    }

    /** Whether the process is there. */
    public boolean isAlive() {
        return node.process().isAlive();
    }

    /** Asks the node to stop, as a service manager does, and waits for its end. */
    public void stop() throws InterruptedException {
        node.process().destroy();
        awaitEnd();
    }

    /** Kills the node on the spot and waits for its end. */
    public void kill9() throws InterruptedException {
        node.process().destroyForcibly();
        awaitEnd();
    }

    /** Waits for the end of a node that ends by itself. */
    public int awaitEnd() throws InterruptedException {
        if (!node.process().waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the sample node did not end in " + STOP_TIMEOUT_SECONDS + " s");
        }
        return node.process().exitValue();
    }

    @Override
    public void close() {
        node.process().destroyForcibly();
        node.process().onExit().join();
    }
}
