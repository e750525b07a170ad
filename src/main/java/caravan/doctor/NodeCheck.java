package caravan.doctor;

import caravan.capture.FoundStore;
import caravan.capture.node.NodeSight;
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
        Optional<Long> watchdog = NodeSight.watchdogOf(watchdogLog);
        if (!node.still().isEmpty()) {
            still(text(node.still()), watchdog, findings);
        } else if (node.processes().isEmpty()) {
            down(watchdog, findings);
        } else {
            findings.ok("process " + text(node.processes()) + " has the database open and runs");
        }
    }

    private void still(String processes, Optional<Long> watchdog, Findings findings) {
        if (watchdog.isPresent()) {
            findings.note(
                    "process " + processes + " is held still for a capture; watchdog " + watchdog.get()
                            + " lets it go on",
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

    private void down(Optional<Long> watchdog, Findings findings) {
        if (watchdog.isPresent()) {
            findings.note(
                    "nobody has the database open, and watchdog " + watchdog.get()
                            + " of a capture holds or starts the node",
                    "nothing, if a capture is under way; else " + watchdogLog + " says why the node does not start");
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
