package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * What this client remembers between runs: a directory with mode 0700 of files with mode 0600, each replaced whole.
 *
 * <p>Several processes may share it; each change is made under one lock.
 */
final class ClientState {

    private final Path directory;

    ClientState(Path directory) {
        this.directory = requireNonNull(directory, "directory");
    }

    /** A file or directory of ours; names are relative to the state directory. */
    Path at(String name) {
        return directory.resolve(name);
    }

    /** Makes a directory of ours, with those above it. */
    Path makeDirectory(String name) throws CaravanException {
        Path path = at(name);
        try {
            Files.createDirectories(path, PrivateFiles.DIRECTORY_MODE);
            return path;
        } catch (IOException e) {
            throw LocalFailures.of("making the state directory " + path, e);
        }
    }

    /** The text of a file; empty if there is none. */
    String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
    }

    /** Runs {@code change} while no other process, or thread, changes what we remember. */
    <T> T exclusively(Change<T> change) throws CaravanException {
        makeDirectory("");
        Path file = at("lock");
        try (FileChannel channel = FileChannel.open(
                        file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFiles.FILE_MODE);
                FileLock lock = lock(channel)) {
            if (!lock.isValid()) {
                throw new IOException("the lock was lost");
            }
            return change.run();
        } catch (IOException e) {
            throw LocalFailures.of("writing to the state directory " + directory, e);
        }
    }

    private static FileLock lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                return channel.lock();
            } catch (OverlappingFileLockException e) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    /** A change of what we remember. */
    @FunctionalInterface
    interface Change<T> {
        T run() throws IOException, CaravanException;
    }
}
