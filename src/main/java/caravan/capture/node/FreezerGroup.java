package caravan.capture.node;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A cgroup of version 2, which the kernel freezes with everything in it.
 *
 * @param directory for example {@code /sys/fs/cgroup/system.slice/polkadot.service}
 */
record FreezerGroup(Path directory) {

    FreezerGroup {
        requireNonNull(directory, "directory");
    }

    /** Refuses a group that does not have {@code holders} in it, or that has us: who would thaw it then? */
    void requireHolds(Set<NodeProcess> holders) throws IOException, RefusedException {
        Path freeze = directory.resolve("cgroup.freeze");
        if (!Files.isWritable(freeze)) {
            throw new RefusedException(
                    freeze + (Files.exists(freeze) ? " may not be written" : " does not exist"),
                    "name the directory of the node's own cgroup, of version 2, that the user of Caravan may write");
        }
        Set<Long> members = members();
        for (NodeProcess holder : holders) {
            if (!members.contains(holder.pid())) {
                throw new RefusedException(
                        "process " + holder.pid() + ", which has the database open, is not in the cgroup " + directory,
                        "find its own in /proc/" + holder.pid() + "/cgroup");
            }
        }
        if (members.contains(ProcessHandle.current().pid())) {
            throw new RefusedException(
                    "this process is itself in the cgroup " + directory + ", which would freeze it, too",
                    "run Caravan as another service than the node");
        }
    }

    /** Whether everything in it stands still. */
    boolean isFrozen() throws IOException {
        return Files.readString(directory.resolve("cgroup.events"), US_ASCII)
                .lines()
                .anyMatch("frozen 1"::equals);
    }

    private Set<Long> members() throws IOException {
        Set<Long> members = new HashSet<>();
        try (Stream<Path> groups = Files.walk(directory)) {
            for (Path group : groups.filter(Files::isDirectory).toList()) {
                Path list = group.resolve("cgroup.procs");
                List<String> pids = Files.exists(list) ? Files.readAllLines(list, US_ASCII) : List.of();
                pids.forEach(pid -> members.add(Long.valueOf(pid)));
            }
        }
        return members;
    }
}
