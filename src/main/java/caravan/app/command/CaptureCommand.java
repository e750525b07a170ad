package caravan.app.command;

import caravan.capture.CapturedStore;
import caravan.capture.HandedCapture;
import caravan.failure.CaravanException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan capture}. It reads no settings, so it needs none of the publisher's secrets. */
@Command(
        name = "capture",
        mixinStandardHelpOptions = true,
        description = {
            "Capture a live RocksDB as the node's user, for a publisher that is another user (docs/capture.md, Rights).",
            "The copy is in INTO/database until it is released."
        })
public final class CaptureCommand implements Callable<Integer> {

    private static final long FREE_SPACE_FLOOR = 1_000_000_000;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "ROOT", description = "the database's directory, as for the publisher")
    private Path root;

    @Parameters(index = "1", paramLabel = "INTO", description = "a directory of its own, on the same mount")
    private Path into;

    @Option(
            names = "--store",
            paramLabel = "PATH",
            description = "a store below ROOT; may be repeated; default: where a Substrate node keeps them")
    private List<String> stores = new ArrayList<>();

    @Option(names = "--release", description = "remove the copy instead; harmless if there is none")
    private boolean release;

    @Override
    public Integer call() throws CaravanException {
        HandedCapture capture = new HandedCapture(into);
        if (release) {
            capture.release();
            return 0;
        }
        PrintWriter out = spec.commandLine().getOut();
        for (CapturedStore store : capture.make(root, stores, FREE_SPACE_FLOOR)) {
            out.println("captured  " + root.resolve(store.store().path()) + " into "
                    + into.resolve(HandedCapture.TREE).resolve(store.store().path()));
        }
        out.flush();
        return 0;
    }
}
