package caravan.capture.node;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A process that does nothing but hold the lock of a directory as ParityDB does. Closing it kills it. */
final class LockedProcess implements AutoCloseable {

    private final Process process;
    private final Path lock;

    private LockedProcess(Process process, Path lock) {
        this.process = process;
        this.lock = lock;
    }

    static LockedProcess on(Path directory) throws Exception {
        Path lock = directory.resolve("lock");
        if (!Files.exists(lock)) {
            Files.createFile(lock);
        }
        Process process = new ProcessBuilder("flock", "--no-fork", "-x", lock.toString(), "sleep", "1000").start();
        LockedProcess locked = new LockedProcess(process, lock);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> LockHolders.of(lock).stream().anyMatch(holder -> holder.pid() == process.pid()));
        return locked;
    }

    NodeControl.LockedStore store() {
        return new NodeControl.LockedStore(lock.getParent(), "lock");
    }

    long pid() {
        return process.pid();
    }

    NodeProcess identity() throws IOException {
        return NodeProcess.of(pid());
    }

    boolean isStill() throws IOException {
        return NodeProcess.of(pid()).isStill();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
