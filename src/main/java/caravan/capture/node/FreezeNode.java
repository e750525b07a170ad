package caravan.capture.node;

import static java.util.Objects.requireNonNull;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Freezes the process that has the stores open: by SIGSTOP, or with its cgroup (version 2). To the database that is a
 * crash without the loss of anything the process has handed to the system. If nobody has them open, their locks are
 * held instead, so that nobody can open them meanwhile.
 */
public final class FreezeNode implements NodeControl {

    private final Optional<FreezerGroup> group;
    private final Duration longest;
    private final Path log;
    private final PauseSteps steps;

    /** Freezes with a signal, for {@code longest} at most; the watchdog writes to {@code log}. */
    public FreezeNode(Duration longest, Path log) {
        this(Optional.empty(), longest, log, PauseSteps.NONE);
    }

    /** Freezes the cgroup in {@code directory}, for example one below {@code /sys/fs/cgroup/system.slice}. */
    public FreezeNode(Path directory, Duration longest, Path log) {
        this(Optional.of(new FreezerGroup(directory)), longest, log, PauseSteps.NONE);
    }

    FreezeNode(Optional<FreezerGroup> group, Duration longest, Path log, PauseSteps steps) {
        this.group = group;
        this.longest = requireNonNull(longest, "longest");
        this.log = requireNonNull(log, "log");
        this.steps = requireNonNull(steps, "steps");
    }

    /** The same, calling {@code callback} between its steps. */
    public FreezeNode with(PauseSteps callback) {
        return new FreezeNode(group, longest, log, callback);
    }

    @Override
    public Duration longest() {
        return longest;
    }

    @Override
    public String check(List<LockedStore> stores) throws RefusedException, FailedException {
        try {
            Set<NodeProcess> holders = holdersOf(stores);
            if (holders.isEmpty()) {
                return "nobody has it open: its lock would be held";
            }
            return "process "
                    + String.join(
                            ", ",
                            holders.stream().map(holder -> "" + holder.pid()).toList()) + " would be frozen"
                    + group.map(frozen -> " with " + frozen.directory()).orElse("");
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public NodePause prepare(List<LockedStore> stores) throws CaravanException {
        try {
            Set<NodeProcess> holders = holdersOf(stores);
            if (holders.isEmpty()) {
                return closed(stores);
            }
            List<String> orders = new ArrayList<>();
            orders.add("longest " + longest.toMillis() / 1000.0);
            if (group.isPresent()) {
                orders.add("cgroup " + group.get().directory());
            } else {
                holders.forEach(holder -> orders.add("process " + holder.pid() + " " + holder.start()));
            }
            FrozenNode pause = new FrozenNode(Watchdog.start(orders, log), holders, group, longest, steps);
            steps.armed();
            return pause;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private NodePause closed(List<LockedStore> stores) throws IOException, RefusedException {
        return ClosedStores.of(stores, longest, steps)
                .orElseThrow(() -> new RefusedException(
                        "somebody who cannot be seen from here has the database open (" + new Locks(stores) + ")",
                        "if the node runs in a container, Caravan must share its process namespace (pid)"));
    }

    private Set<NodeProcess> holdersOf(List<LockedStore> stores) throws IOException, RefusedException {
        for (LockedStore store : stores) {
            if (store.lockFile().isEmpty()) {
                throw new RefusedException(
                        store.directory() + " is of an unknown engine, so it is not known which process to freeze, nor"
                                + " what it has not written yet",
                        "only a copy while the node is stopped is safe: set capture=copy with stop-command and"
                                + " start-command");
            }
        }
        Locks locks = new Locks(stores);
        Set<NodeProcess> holders = locks.holders();
        for (NodeProcess holder : holders) {
            if (holder.isStill()) {
                throw new RefusedException(
                        "process " + holder.pid() + ", which has the database open, is stopped already",
                        "somebody else stopped it, and whoever that was must let it go on (kill -CONT " + holder.pid()
                                + ")");
            }
            requireOurs(holder);
        }
        if (group.isPresent() && !holders.isEmpty()) {
            group.get().requireHolds(holders);
        }
        return holders;
    }

    /** The watchdog sends signals with our rights: those of the same user, or root's. */
    private static void requireOurs(NodeProcess holder) throws IOException, RefusedException {
        Object own = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Object theirs = Files.getAttribute(Path.of("/proc/" + holder.pid()), "unix:uid");
        if (!own.equals(0) && !own.equals(theirs)) {
            throw new RefusedException(
                    "process " + holder.pid() + ", which has the database open, belongs to user " + theirs
                            + " and may not be frozen from here",
                    "run as the node's user");
        }
    }

    private static FailedException failed(IOException cause) {
        return DiskFailures.of("preparing to freeze the node", cause);
    }
}
