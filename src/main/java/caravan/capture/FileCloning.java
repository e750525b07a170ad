package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies files of one directory into another with {@code cp}, which can share their blocks (a reflink) where the file
 * system is able to; Java 17 cannot. The process is started beforehand and waits for the names, so that a pause does
 * not have to wait for its start. What it makes is never the source's own inode.
 */
final class FileCloning implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FileCloning.class);

    private static final int MOST_OF_A_MESSAGE = 2000;

    /** For what is done while the node runs. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path source;

    /** The leader of a process group, to which every {@code cp} belongs that it starts. */
    private final Process process;

    private boolean done;

    private FileCloning(Path source, Process process) {
        this.source = source;
        this.process = process;
    }

    /** Will share blocks and fail where that is not possible. */
    static FileCloning sharing(Path source, Path target) throws IOException {
        return start(source, target, "--reflink=always");
    }

    /** Will share blocks where that is possible, and copy otherwise. */
    static FileCloning copying(Path source, Path target) throws IOException {
        return start(source, target, "--reflink=auto", "--sparse=auto");
    }

    private static FileCloning start(Path source, Path target, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("setsid", "xargs", "-0", "-r", "cp"));
        command.addAll(List.of(options));
        command.addAll(List.of("--no-dereference", "--target-directory=" + target, "--"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.directory(source.toFile());
        builder.redirectErrorStream(true);
        return new FileCloning(source, builder.start());
    }

    /**
     * Copies the files called {@code names}; when it returns, all of them are there.
     *
     * @param limit how long that may take; what is not done then is ended, as when the caller is interrupted
     */
    void copy(List<String> names, Duration limit) throws IOException, FailedException, TransientException {
        StringBuilder list = new StringBuilder();
        names.forEach(name -> list.append(name).append('\0'));
        FirstWords words = new FirstWords(process, MOST_OF_A_MESSAGE);
        // The process may wait for the disk, and then does not read.
        FutureTask<Void> writing = new FutureTask<>(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(list.toString().getBytes(UTF_8));
            }
            return null;
        });
        Thread writer = new Thread(writing, "names-of-files");
        writer.setDaemon(true);
        writer.start();
        try {
            int status = statusOf(process, limit, "copying the files of " + source);
            done = true;
            if (status != 0) {
                throw new FailedException(
                        "copying the files of " + source + " failed: " + words.text() + " (cp, status " + status + ")",
                        "is there enough space, and may the files be read?");
            }
            writing.get();
        } catch (ExecutionException e) {
            throw new IOException("not all names of files of " + source + " were taken: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw interrupted("copying the files of " + source, e);
        } finally {
            close();
        }
    }

    /** Refuses a file system that cannot share blocks; {@code probe} is made of {@code name} and removed. */
    static void requireSharing(Path source, String name, Path probe)
            throws IOException, RefusedException, TransientException {
        Files.deleteIfExists(probe);
        ProcessBuilder builder = new ProcessBuilder(
                "cp", "--reflink=always", "--", source.resolve(name).toString(), probe.toString());
        builder.environment().put("LC_ALL", "C");
        Process cp = builder.redirectErrorStream(true).start();
        FirstWords words = new FirstWords(cp, MOST_OF_A_MESSAGE);
        try {
            int status = statusOf(cp, PATIENCE, "trying to share the blocks of a file of " + source);
            Files.deleteIfExists(probe);
            if (status != 0) {
                throw new RefusedException(
                        "the file system of " + source + " cannot share blocks between files (reflink): "
                                + words.text().toLowerCase(Locale.ROOT),
                        "a ParityDB changes its files in place, so links are no copy of it: use a snapshot of the file"
                                + " system (caravan.database.<name>.capture=hook), XFS or btrfs, or capture=copy, which"
                                + " pauses the node for the whole copy");
            }
        } catch (InterruptedException e) {
            throw interrupted("trying to share the blocks of a file of " + source, e);
        }
    }

    /**
     * Writes to the disk what is waiting, so that sharing blocks has less to wait for. It is no loss but of time if
     * that takes too long and is given up.
     */
    static void flush(Path directory) throws IOException, TransientException {
        Process sync = new ProcessBuilder("sync", "-f", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!sync.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                end(sync);
            }
        } catch (InterruptedException e) {
            end(sync);
            throw interrupted("writing to the disk what waits for " + directory, e);
        }
    }

    private static int statusOf(Process process, Duration limit, String what)
            throws InterruptedException, TransientException {
        boolean over = false;
        try {
            over = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            if (!over) {
                end(process);
            }
        }
        if (!over) {
            throw tookTooLong(what, limit);
        }
        return process.exitValue();
    }

    /** What is said of a copy that did not end within {@code limit}. */
    static TransientException tookTooLong(String what, Duration limit) {
        return new TransientException(
                what + " took longer than " + limit.toMillis() / 1000.0 + " s",
                "its disk may hang or be very busy: try again later, or raise caravan.database.<name>.max-pause");
    }

    /** What is said of a copy whose thread was interrupted, and stays so. */
    static TransientException interrupted(String what, Exception cause) {
        Thread.currentThread().interrupt();
        return new TransientException(what + " was interrupted", "run it again", cause);
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /**
     * Ends the copy if it is still going on. The process is killed first, so that it starts nothing more: what it
     * started a moment ago is not found among its descendants, but in its group.
     */
    @Override
    public void close() {
        if (done) {
            return;
        }
        end(process);
        try {
            new ProcessBuilder("kill", "-KILL", "--", "-" + process.pid())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            LOG.warn("cannot end what copies the files of {}, if it is still there: {}", source, e.toString());
        }
    }
}
