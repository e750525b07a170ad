package caravan.capture.node;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks whether a process has a file open below a directory, as far as processes may be looked at. */
final class OpenFiles {

    private OpenFiles() {}

    /** What somebody else than we has open below {@code directory}, in words. */
    static Optional<String> userOf(Path directory) throws IOException {
        long self = ProcessHandle.current().pid();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String pid = process.getFileName().toString();
                if (!pid.equals(Long.toString(self)) && !isHolderOfOurs(pid, self)) {
                    Optional<Path> open = openIn(process, directory);
                    if (open.isPresent()) {
                        return Optional.of("process " + pid + " has " + open.get() + " open");
                    }
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Optional.empty();
    }

    /** We hold a lock through a child. */
    private static boolean isHolderOfOurs(String pid, long self) {
        return ProcessHandle.of(Long.parseLong(pid)).stream()
                .flatMap(process -> Stream.iterate(
                                process.parent(), Optional::isPresent, parent -> parent.flatMap(ProcessHandle::parent))
                        .flatMap(Optional::stream))
                .anyMatch(ancestor -> ancestor.pid() == self);
    }

    private static Optional<Path> openIn(Path process, Path directory) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                Path target = targetOf(descriptor);
                if (target.startsWith(directory)) {
                    return Optional.of(target);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It has ended, or belongs to somebody else.
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static Path targetOf(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            // It was closed meanwhile.
            return descriptor;
        }
    }
}
