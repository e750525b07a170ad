package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Copies files of one directory into another with {@code cp}, which can share their blocks (a reflink) where the file
 * system is able to; Java 17 cannot. The process is started beforehand and waits for the names, so that a pause does not
 * have to wait for its start. What it makes is never the source's own inode.
 */
final class FileCloning implements AutoCloseable {

    private static final int MOST_OF_A_MESSAGE = 2000;

    private final Path source;
    private final Process process;

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
        List<String> command = new ArrayList<>(List.of("xargs", "-0", "-r", "cp"));
        command.addAll(List.of(options));
        command.addAll(List.of("--no-dereference", "--target-directory=" + target, "--"));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.directory(source.toFile());
        builder.redirectErrorStream(true);
        return new FileCloning(source, builder.start());
    }

    /** Copies the files called {@code names}; when it returns, all of them are there. */
    void copy(List<String> names) throws IOException, FailedException {
        StringBuilder list = new StringBuilder();
        names.forEach(name -> list.append(name).append('\0'));
        try (OutputStream in = process.getOutputStream()) {
            in.write(list.toString().getBytes(UTF_8));
        }
        byte[] said = process.getInputStream().readNBytes(MOST_OF_A_MESSAGE);
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new FailedException(
                    "copying the files of " + source + " failed: "
                            + new String(said, UTF_8).strip().replace("\n", "; ") + " (cp, status " + status + ")",
                    "is there enough space, and may the files be read?");
        }
    }

    /** Refuses a file system that cannot share blocks; {@code probe} is made of {@code name} and removed. */
    static void requireSharing(Path source, String name, Path probe) throws IOException, RefusedException {
        Files.deleteIfExists(probe);
        ProcessBuilder builder = new ProcessBuilder(
                "cp", "--reflink=always", "--", source.resolve(name).toString(), probe.toString());
        builder.environment().put("LC_ALL", "C");
        Process cp = builder.redirectErrorStream(true).start();
        String said = new String(cp.getInputStream().readNBytes(MOST_OF_A_MESSAGE), UTF_8);
        int status = cp.onExit().join().exitValue();
        Files.deleteIfExists(probe);
        if (status != 0) {
            throw new RefusedException(
                    "the file system of " + source + " cannot share blocks between files (reflink): "
                            + said.strip().toLowerCase(Locale.ROOT).replace("\n", "; "),
                    "a ParityDB changes its files in place, so links are no copy of it: use a snapshot of the file"
                            + " system (caravan.database.<name>.capture=hook), XFS or btrfs, or capture=copy, which"
                            + " pauses the node for the whole copy");
        }
    }

    /** Writes to the disk what is waiting, so that sharing blocks has less to wait for. */
    static void flush(Path directory) throws IOException {
        new ProcessBuilder("sync", "-f", directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .onExit()
                .join();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
