package caravan.lock;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads {@code /proc/PID/fd} (see proc(5)), where each open file is a link to it. */
final class DescriptorLinks implements OpenFiles {

    private static final String IDENTITY = "unix:dev,ino";

    private final Path proc;

    DescriptorLinks(Path proc) {
        this.proc = requireNonNull(proc, "proc");
    }

    @Override
    public Seen look(long pid, Map<String, Object> identity) throws IOException {
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(proc.resolve(Long.toString(pid)).resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isSame(descriptor, identity)) {
                    return Seen.OPEN;
                }
            }
            return Seen.NOT_OPEN;
        } catch (AccessDeniedException e) {
            return Seen.HIDDEN;
        } catch (NoSuchFileException e) {
            return Seen.GONE;
        } catch (DirectoryIteratorException e) {
            // It ended while it was looked at.
            return Seen.GONE;
        }
    }

    @Override
    public List<Long> processes() throws IOException {
        List<Long> all = new ArrayList<>();
        if (!Files.isDirectory(proc)) {
            return all;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(proc, "[1-9]*")) {
            for (Path directory : directories) {
                String name = directory.getFileName().toString();
                if (name.matches("\\d{1,9}")) {
                    all.add(Long.parseLong(name));
                }
            }
        }
        return all;
    }

    private static boolean isSame(Path descriptor, Map<String, Object> identity) {
        try {
            return Files.readAttributes(descriptor, IDENTITY).equals(identity);
        } catch (IOException e) {
            // A pipe or a socket, or it was closed meanwhile.
            return false;
        }
    }
}
