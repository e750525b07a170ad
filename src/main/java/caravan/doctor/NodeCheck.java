package caravan.doctor;

import caravan.capture.FoundStore;
import caravan.capture.node.NodeSight;
import caravan.capture.node.NodeSight.Guard;
import caravan.failure.CaravanException;
import caravan.publish.PublishedDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Whether the node of a database runs, or was left frozen or down by a capture. */
public final class NodeCheck implements Examination {

    private final PublishedDatabase database;

    private final Optional<Path> cgroup;

    private final Path watchdogLog;

    /**
     * The node of {@code database}.
     *
     * @param cgroup of the node, if it is frozen by that
     * @param watchdogLog where the watchdogs of its captures write
     */
    public NodeCheck(PublishedDatabase database, Optional<Path> cgroup, Path watchdogLog) {
        this.database = database;
        this.cgroup = cgroup;
        this.watchdogLog = watchdogLog;
    }

    @Override
    public String subject() {
        return "node";
    }

    @Override
    public String about() {
        return database.name().value();
    }

    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        List<Path> locks = new ArrayList<>();
        for (FoundStore store : FoundStore.in(database.root(), database.stores())) {
            if (!store.engine().lockFile().isEmpty()) {
                locks.add(store.directory().resolve(store.engine().lockFile()));
            }
        }
        if (locks.isEmpty()) {
            findings.ok("not known whether it runs: its engine is not known");
            return;
        }
        NodeSight node = NodeSight.of(locks, cgroup);
        Optional<Guard> guard = NodeSight.guardOf(watchdogLog);
        if (!node.still().isEmpty()) {
            still(text(node.still()), guard, findings);
        } else if (node.processes().isEmpty()) {
            down(guard, findings);
        } else {
            findings.ok("process " + text(node.processes()) + " has the database open and runs");
        }
    }

    private void still(String processes, Optional<Guard> guard, Findings findings) {
        if (guard.isPresent()) {
            findings.note(
                    "process " + processes + " is held still for a capture; watchdog "
                            + guard.get().pid() + " lets it go on",
                    "nothing; the log of the publication says how long it may take");
            return;
        }
        findings.wrong(
                Findings.FAILED,
                "the node stands still: process " + processes
                        + " has the database open and is stopped or frozen, and no watchdog of a capture is there",
                cgroup.map(group -> "let it go on: echo 0 > " + group.resolve("cgroup.freeze") + "; kill -CONT "
                                + processes)
                        .orElse("let it go on: kill -CONT " + processes));
    }

    private void down(Optional<Guard> guard, Findings findings) {
        if (guard.isPresent() && guard.get().isAlone()) {
            findings.wrong(
                    Findings.FAILED,
                    "the node is down: a capture stopped it and is gone, and watchdog "
                            + guard.get().pid() + " still tries to start it",
                    "start it by hand; " + watchdogLog + " says why caravan.database." + database.name()
                            + ".start-command fails");
        } else if (guard.isPresent()) {
            findings.note(
                    "nobody has the database open: a capture is under way, and watchdog "
                            + guard.get().pid() + " starts the node again if it was stopped",
                    "nothing; the log of the publication says how long it may take");
        } else if (database.rpcAddress().isPresent()) {
            findings.note(
                    "nobody who can be seen from here has the database open",
                    "if the node is not meant to be down, start it, and look into its log; one in another container is not"
                            + " seen unless the process namespace is shared");
        } else {
            findings.ok("nobody has the database open");
        }
    }

    private static String text(Set<Long> processes) {
        return new TreeSet<>(processes).stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
