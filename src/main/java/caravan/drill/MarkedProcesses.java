package caravan.drill;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Everything that one command started, also what left its session or lost its parent: each process has inherited a mark
 * in its environment. Where the system does not show environments, nothing is found.
 */
final class MarkedProcesses {

    private static final String MARK = "CARAVAN_RUN";

    private static final int MOST_ROUNDS = 20;

    private final String entry;

    private MarkedProcesses(String entry) {
        this.entry = entry;
    }

    /** Puts a mark of its own into the environment of a command that is about to be started. */
    static MarkedProcesses marking(Map<String, String> environment) {
        String mark = UUID.randomUUID().toString();
        environment.put(MARK, mark);
        return new MarkedProcesses(MARK + "=" + mark);
    }

    /** Tells all of them to end, waits for that for {@code grace} at most, and kills what is left. */
    void end(Duration grace) {
        List<ProcessHandle> found = find();
        found.forEach(ProcessHandle::destroy);
        await(found, grace);
        // One that was being started while we looked has got the mark by now; one that the kernel holds is left to it.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<ProcessHandle> left = find();
            if (left.isEmpty()) {
                return;
            }
            left.forEach(ProcessHandle::destroyForcibly);
            await(left, grace);
        }
    }

    private static void await(List<ProcessHandle> processes, Duration most) {
        CompletableFuture<?> all = CompletableFuture.allOf(
                processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
        try {
            all.get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // They are killed next.
            return;
        }
    }

    private List<ProcessHandle> find() {
        return ProcessHandle.allProcesses().filter(this::isMarked).toList();
    }

    private boolean isMarked(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        Path environment = Path.of("/proc", Long.toString(process.pid()), "environ");
        try {
            return List.of(new String(Files.readAllBytes(environment), ISO_8859_1).split("\0", -1))
                    .contains(entry);
        } catch (IOException e) {
            // Another user's, or gone.
            return false;
        }
    }
}
