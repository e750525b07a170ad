package caravan.capture.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The process that has a database open, looked at without a change.
 *
 * @param processes their numbers; none if nobody has it open who can be seen
 * @param still those among them that do not run, because they were stopped or frozen
 */
public record NodeSight(Set<Long> processes, Set<Long> still) {

    private static final Path PROC = Path.of("/proc");

    /** Copies the sets. */
    public NodeSight {
        processes = Set.copyOf(processes);
        still = Set.copyOf(still);
    }

    /**
     * Looks who holds one of {@code lockFiles}.
     *
     * @param cgroup of the node, which may be frozen as a whole
     * @throws RefusedException if that may not be seen by this user
     */
    public static NodeSight of(Iterable<Path> lockFiles, Optional<Path> cgroup) throws IOException, RefusedException {
        boolean frozen = cgroup.isPresent()
                && Files.isReadable(cgroup.get().resolve("cgroup.events"))
                && new FreezerGroup(cgroup.get()).isFrozen();
        Set<Long> processes = new TreeSet<>();
        Set<Long> still = new TreeSet<>();
        for (Path lockFile : lockFiles) {
            for (NodeProcess holder : LockHolders.of(lockFile)) {
                processes.add(holder.pid());
                if (frozen || holder.isStill()) {
                    still.add(holder.pid());
                }
            }
        }
        return new NodeSight(processes, still);
    }

    /**
     * The watchdog of a capture, as long as it has a promise to keep.
     *
     * @param pid its number
     * @param isAlone whether whoever started it is gone
     */
    public record Guard(long pid, boolean isAlone) {}

    /** The watchdog that writes to {@code log}; none if there is no promise left to keep, or it cannot be seen. */
    public static Optional<Guard> guardOf(Path log) throws IOException {
        if (!Files.exists(log)) {
            return Optional.empty();
        }
        Path real = log.toRealPath();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (writesTo(process, real)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    return Optional.of(new Guard(pid, isAlone(pid)));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    /** Its own children are watchdogs, too; in a container the first process may be the one that captures. */
    private static boolean isAlone(long pid) {
        return Stream.iterate(
                        ProcessHandle.of(pid).flatMap(ProcessHandle::parent),
                        Optional::isPresent,
                        parent -> parent.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .noneMatch(ancestor -> ancestor.info()
                        .command()
                        .filter(command -> command.endsWith("/java"))
                        .isPresent());
    }

    private static boolean writesTo(Path process, Path log) {
        try {
            // A node that was started by it may have the same file open.
            return Files.readSymbolicLink(process.resolve("fd").resolve("2")).equals(log)
                    && new String(Files.readAllBytes(process.resolve("cmdline")), ISO_8859_1)
                            .endsWith("\0" + Watchdog.NAME + "\0");
        } catch (IOException e) {
            // It has ended, or belongs to somebody else.
            return false;
        }
    }
}
