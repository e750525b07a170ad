package caravan.capture.node;

import static java.util.Objects.requireNonNull;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Stops the node with the operator's command, and starts it again with another. */
public final class StopNode implements NodeControl {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final String stop;
    private final String start;
    private final Duration longest;
    private final Duration commandLimit;
    private final Duration firstPause;
    private final Path log;
    private final PauseSteps steps;

    /**
     * Stops with {@code stop} and starts with {@code start}, both for a shell; starting a node that runs must be
     * harmless.
     *
     * @param longest how long the node may be down
     * @param commandLimit how long a command may take, and the node afterwards to open or close its stores
     * @param log where the watchdog writes what it did without us
     */
    public StopNode(String stop, String start, Duration longest, Duration commandLimit, Path log) {
        this(stop, start, longest, commandLimit, FIRST_PAUSE, log, PauseSteps.NONE);
    }

    private StopNode(
            String stop,
            String start,
            Duration longest,
            Duration commandLimit,
            Duration firstPause,
            Path log,
            PauseSteps steps) {
        this.stop = requireNonNull(stop, "stop");
        this.start = requireNonNull(start, "start");
        this.longest = requireNonNull(longest, "longest");
        this.commandLimit = requireNonNull(commandLimit, "commandLimit");
        this.firstPause = requireNonNull(firstPause, "firstPause");
        this.log = requireNonNull(log, "log");
        this.steps = requireNonNull(steps, "steps");
        if (stop.isBlank() || start.isBlank() || (stop + start).lines().count() > 1) {
            throw new IllegalArgumentException("a command is one line");
        }
    }

    /** The same, calling {@code callback} between its steps. */
    public StopNode with(PauseSteps callback) {
        return new StopNode(stop, start, longest, commandLimit, firstPause, log, callback);
    }

    /** The same, trying a start that failed again after {@code pause}, and then after twice as long each time. */
    StopNode tryingAgainAfter(Duration pause) {
        return new StopNode(stop, start, longest, commandLimit, pause, log, steps);
    }

    @Override
    public Duration longest() {
        return longest;
    }

    @Override
    public String check(List<LockedStore> stores) throws RefusedException, FailedException {
        try {
            boolean isUp = !new Locks(stores).holders().isEmpty()
                    || OpenFiles.userOf(stores).isPresent();
            return isUp
                    ? "the node would be stopped by its command"
                    : "nobody is seen to have it open: its lock would be held, and the node neither stopped nor started";
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public NodePause prepare(List<LockedStore> stores) throws CaravanException {
        try {
            Locks locks = new Locks(stores);
            boolean wasUp =
                    !locks.holders().isEmpty() || OpenFiles.userOf(stores).isPresent();
            KeptLocks kept = KeptLocks.prepare(stores, longest);
            try {
                // What nobody has open was stopped by somebody else, who will start it again when that is wanted.
                if (!wasUp && isSeenWhole(stores) && kept.take()) {
                    return new ClosedStores(stores, kept, steps);
                }
                StoppedNode pause = new StoppedNode(
                        Watchdog.start(orders(kept), log),
                        stores,
                        locks,
                        kept,
                        wasUp,
                        start,
                        longest,
                        commandLimit,
                        firstPause,
                        steps);
                steps.armed();
                return pause;
            } catch (IOException | RuntimeException e) {
                kept.close();
                throw e;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Whether a store of an unknown engine that nobody seems to have open is not open. */
    private static boolean isSeenWhole(List<LockedStore> stores) throws IOException {
        for (LockedStore store : stores) {
            if (store.lockFile().isEmpty() && !OpenFiles.canSeeAllFor(store.directory())) {
                return false;
            }
        }
        return true;
    }

    private List<String> orders(KeptLocks kept) {
        return List.of(
                "longest " + longest.toMillis() / 1000.0,
                "limit " + Math.max(1, commandLimit.toSeconds()),
                "keeper " + kept.keeper().pid() + " " + kept.keeper().start(),
                "stop " + stop,
                "start " + start,
                "pause " + firstPause.toMillis());
    }

    private static FailedException failed(IOException cause) {
        return DiskFailures.of("preparing to stop the node", cause);
    }
}
