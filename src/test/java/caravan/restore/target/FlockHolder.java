package caravan.restore.target;

import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that holds a file as ParityDB does: with flock(2). */
public final class FlockHolder implements AutoCloseable {

    private final Process process;

    private FlockHolder(Process process) {
        this.process = process;
    }

    /** Returns when the lock is held. */
    public static FlockHolder of(Path file) throws IOException {
        return started(new ProcessBuilder("flock", file.toString(), "sh", "-c", "echo held; read line"));
    }

    /** Whatever {@code command} starts; returns when it says that it holds the lock. */
    private static FlockHolder started(ProcessBuilder command) throws IOException {
        Process process = command.redirectErrorStream(true).start();
        if (process.getInputStream().read() != 'h') {
            process.destroyForcibly();
            throw new IOException("the lock was not taken");
        }
        return new FlockHolder(process);
    }

    /** Of flock(1), which holds it. */
    public long pid() {
        return process.pid();
    }

    /** Lets go and returns when that is done. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }
}
