package caravan.samplenode;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command that runs a sample node until it is stopped.
 *
 * <p>It writes two databases, see {@link BaseDirectory}, and answers JSON-RPC on the loopback address. When it is ready
 * it prints one line, {@code sample node ready: rpc http://127.0.0.1:PORT base DIR height H}. It can be killed at any
 * time; started again on the same base directory it goes on from the last height.
 */
@Command(
        name = "sample-node",
        mixinStandardHelpOptions = true,
        description = "Writes a real RocksDB as a Substrate node does, for demonstrations and tests.")
public final class SampleNode implements Callable<Integer> {

    /** Heights are written in groups while the store is filled: about a megabyte each. */
    private static final int FILL_GROUP = 64;

    private static final int PARACHAINS_SHARE = 8;

    @Spec
    private CommandSpec command;

    @Option(names = "--base-path", required = true, paramLabel = "DIR", description = "Where the node keeps its files.")
    private Path basePath;

    @Option(
            names = "--rpc-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Port of the JSON-RPC server; 0 takes any free one. It is also written to DIR/rpc-port.")
    private int rpcPort;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            defaultValue = "demo",
            description = "How hard to work the database: ${COMPLETION-CANDIDATES}.")
    private Profile profile;

    @Option(
            names = "--batches-per-second",
            paramLabel = "N",
            description = "Blocks a second. Default: 20 (demo), 800 (torture); 0 leaves the database alone.")
    private Double batchesPerSecond;

    @Option(
            names = "--initial-bytes",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = ByteSize.class,
            description = "Fill the database to about this size first, for example 256MB.")
    private long initialBytes;

    @Option(names = "--stop-after-batches", paramLabel = "N", description = "End after this many blocks.")
    private Long stopAfterBatches;

    @Option(names = "--once", description = "Fill the database, write the blocks of --stop-after-batches, and end.")
    private boolean once;

    @Option(names = "--syncing", description = "Claim in system_health to be syncing.")
    private boolean syncing;

    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Made by the command line, which sets the options. */
    public SampleNode() {}

    /** Runs the node and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /**
     * Runs the node in this process until it is told to stop, which SIGTERM does, or has written all it should.
     *
     * @return the exit status
     */
    public static int run(String... arguments) {
        return new CommandLine(new SampleNode())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, commandLine, result) -> {
                    if (failure instanceof CaravanException known) {
                        commandLine.getErr().println(known.getMessage() + "\nHINT: " + known.hint());
                        return known.exitStatus();
                    }
                    throw failure;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws CaravanException {
        double rate = batchesPerSecond == null ? profile.batchesPerSecond() : batchesPerSecond;
        if (rate < 0 || initialBytes < 0) {
            throw new WrongUsageException(
                    "a sample node cannot write " + rate + " batches a second", "--batches-per-second is zero or more");
        }
        BaseDirectory base = new BaseDirectory(basePath.toAbsolutePath().normalize());
        base.create();
        Thread onSignal = new Thread(this::stopAndWait, "stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (SampleStore main = SampleStore.open(base.fullStore(), StoreShape.main(profile, initialBytes), profile);
                SampleStore parachains = SampleStore.open(
                        base.parachainsStore(), StoreShape.parachains(profile, initialBytes / 64), profile)) {
            run(base, main, parachains, rate);
        } finally {
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(BaseDirectory base, SampleStore main, SampleStore parachains, double rate)
            throws CaravanException {
        AcknowledgedHead acknowledged = mapAcknowledged(base);
        acknowledged.set(main.head());
        fill(main, initialBytes);
        fill(parachains, initialBytes / 64);
        acknowledged.set(main.head());

        long lastHeight = lastHeight(main.head());
        StoreWriter mainWriter = new StoreWriter(main, rate, lastHeight, acknowledged::set);
        StoreWriter parachainsWriter =
                new StoreWriter(parachains, rate / PARACHAINS_SHARE, Long.MAX_VALUE, height -> {});
        SampleChain chain = new SampleChain(main.shape().name());
        try (RpcServer rpc = RpcServer.start(rpcPort, new RpcMethods(chain, main::head, syncing))) {
            base.announceRpcPort(rpc.port());
            say("sample node ready: rpc " + rpc.uri() + " base " + base.path() + " height " + main.head());
            write(mainWriter, parachainsWriter);
        }
        mainWriter.throwFailure();
        parachainsWriter.throwFailure();
    }

    private long lastHeight(long head) {
        if (stopAfterBatches != null) {
            return head + stopAfterBatches;
        }
        return once ? head : Long.MAX_VALUE;
    }

    /** Runs both writers until one ends by itself or stop is asked for; both have ended when it returns. */
    private void write(StoreWriter mainWriter, StoreWriter parachainsWriter) {
        Thread mainThread = start("write-main", mainWriter);
        Thread parachainsThread = start("write-parachains", parachainsWriter);
        try {
            stopAsked.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mainWriter.stop(mainThread);
        parachainsWriter.stop(parachainsThread);
    }

    private Thread start(String name, StoreWriter writer) {
        Thread thread = new Thread(
                () -> {
                    try {
                        writer.run();
                    } finally {
                        stopAsked.countDown();
                    }
                },
                name);
        thread.start();
        return thread;
    }

    private void fill(SampleStore store, long bytes) throws FailedException {
        long target = store.shape().heightHolding(bytes);
        if (store.head() >= target) {
            return;
        }
        while (store.head() < target && stopAsked.getCount() > 0) {
            store.commit((int) Math.min(FILL_GROUP, target - store.head()));
        }
        if (stopAsked.getCount() > 0) {
            store.settle();
        }
    }

    private AcknowledgedHead mapAcknowledged(BaseDirectory base) throws FailedException {
        try {
            return AcknowledgedHead.map(base.acknowledged());
        } catch (IOException e) {
            throw new FailedException(
                    "mapping " + base.acknowledged() + " failed: " + e, "check that the directory is writable", e);
        }
    }

    /** Runs in the shutdown hook: the process may only end when the stores are closed. */
    private void stopAndWait() {
        stopAsked.countDown();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void say(String line) {
        PrintWriter out = command.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
