package caravan.restore;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A process of its own that holds the lock of a RocksDB, as the engine does: with fcntl(2). */
public final class LockHolder implements AutoCloseable {

    private final Process process;

    private LockHolder(Process process) {
        this.process = process;
    }

    static LockHolder start(Path file) throws IOException {
        Process process = JavaProcess.of(LockHolder.class, file.toString()).start();
        if (process.getInputStream().read() < 0) {
            throw new IOException("the lock holder ended: "
                    + new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return new LockHolder(process);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** Locks the file that is named, says so, and waits to be killed or for the end of its input. */
    public static void main(String[] arguments) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(Path.of(arguments[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            System.out.write(lock.isValid() ? '+' : '-');
            System.out.flush();
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
