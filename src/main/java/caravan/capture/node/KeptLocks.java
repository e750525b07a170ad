package caravan.capture.node;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.disk.ClassPlaces;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The locks of all stores of a node, held by a {@link LockKeeper}, so that no engine opens the stores meanwhile, and so
 * that they are free in the end even if we hang.
 */
final class KeptLocks implements AutoCloseable {

    /** A Java process that starts on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<LockedStore> stores;
    private final Locks locks;
    private final AnsweringProcess keeper;
    private final NodeProcess identity;
    private List<Path> without = List.of();

    private KeptLocks(List<LockedStore> stores, Locks locks, AnsweringProcess keeper, NodeProcess identity) {
        this.stores = stores;
        this.locks = locks;
        this.keeper = keeper;
        this.identity = identity;
    }

    /**
     * Starts the process that will hold them, and takes none yet.
     *
     * @param longest how long they are held at most
     */
    static KeptLocks prepare(List<LockedStore> stores, Duration longest) throws IOException {
        Locks locks = new Locks(stores);
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx16m",
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                ClassPlaces.of(LockKeeper.class).toString(),
                LockKeeper.class.getName(),
                Long.toString(longest.toMillis())));
        locks.files().forEach(file -> command.add(file.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().retainAll(Set.of("PATH", "LANG", "LC_ALL"));
        builder.directory(Path.of("/").toFile());
        builder.redirectErrorStream(true);
        AnsweringProcess keeper = new AnsweringProcess(builder.start(), "lock-keeper");
        try {
            String said = keeper.listen(PATIENCE);
            if (!said.equals("ready")) {
                throw new IOException("the process that is to hold the locks did not start: " + said);
            }
            return new KeptLocks(stores, locks, keeper, NodeProcess.of(keeper.pid()));
        } catch (IOException e) {
            keeper.end(PATIENCE);
            throw e;
        }
    }

    /** The process that holds them, which is the first of a process group of its own. */
    NodeProcess keeper() {
        return identity;
    }

    /** Takes all of them, or none if somebody has one. A store whose lock file does not exist is only watched. */
    boolean take() throws IOException {
        without = locks.files().stream()
                .filter(file -> !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .toList();
        String answer = keeper.ask("take", PATIENCE);
        if (!answer.equals("held") && !answer.equals("busy")) {
            throw new IOException("the process that is to hold the locks says " + answer);
        }
        return answer.equals("held");
    }

    /** Why what was taken since {@link #take} is worth nothing; none if nobody can have opened a store. */
    Optional<TransientException> broken() throws IOException, RefusedException {
        if (!keeper.ask("still", PATIENCE).equals("yes")) {
            return Optional.of(new TransientException(
                    locks + " was not held until the capture was complete: that took too long, or somebody ended the"
                            + " process that held it",
                    "the capture was thrown away; if it took too long: raise caravan.database.<name>.max-pause"));
        }
        for (Path file : without) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(opened(file + " was made"));
            }
        }
        Set<Long> ours = keeper.handle().descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
        ours.add(keeper.pid());
        for (NodeProcess holder : locks.holders()) {
            if (!ours.contains(holder.pid())) {
                return Optional.of(opened("process " + holder.pid() + " has it open"));
            }
        }
        return OpenFiles.userOf(stores).map(KeptLocks::opened);
    }

    /** Gives them back; when it returns, they are free. Doing it again is harmless. */
    @Override
    public void close() {
        keeper.end(PATIENCE);
    }

    private static TransientException opened(String how) {
        return new TransientException(
                "somebody opened the database while it was captured: " + how,
                "the capture was thrown away; the next one takes the database as it is then");
    }
}
