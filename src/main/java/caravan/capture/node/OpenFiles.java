package caravan.capture.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks whether a process has a file open below a directory, as far as processes may be looked at. */
final class OpenFiles {

    /** The kernel's constant for the namespace of processes that has all others in it. */
    private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";

    private OpenFiles() {}

    /** Refuses stores of unknown engines, whose locks are not known, if somebody has a file of theirs open. */
    static void requireNone(List<LockedStore> stores) throws IOException, RefusedException {
        Optional<String> user = userOf(stores);
        if (user.isPresent()) {
            throw new RefusedException(
                    user.get() + " although the node is stopped", "stop whatever it is before the capture");
        }
    }

    /** Who has a file of one of those {@code stores} open whose engine is not known, in words. */
    static Optional<String> userOf(List<LockedStore> stores) throws IOException {
        for (LockedStore store : stores) {
            Optional<String> user = store.lockFile().isEmpty() ? userOf(store.directory()) : Optional.empty();
            if (user.isPresent()) {
                return user;
            }
        }
        return Optional.empty();
    }

    /**
     * Whether every process that could have the owner's files in {@code directory} open can be seen from here, so that
     * what is not seen is not there.
     */
    static boolean canSeeAllFor(Path directory) throws IOException {
        int own = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int owner = (int) Files.getAttribute(directory, "unix:uid");
        if (!Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().equals(FIRST_PID_NAMESPACE)
                || (own != 0 && own != owner)) {
            return false;
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                // The first process of all opens no database, and may be closed to everybody. One that ends at this
                // moment cannot be looked into, and then is no longer the owner's.
                if (!process.endsWith("1") && isOf(owner, process) && !canLookInto(process) && isOf(owner, process)) {
                    return false;
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return true;
    }

    private static boolean isOf(int owner, Path process) {
        try {
            List<String> lines = Files.readAllLines(process.resolve("status"), ISO_8859_1);
            // A dead process has nothing open, and cannot be looked into.
            return lines.stream().noneMatch(line -> line.matches("State:\\s+[ZX].*"))
                    && lines.stream()
                            .filter(line -> line.startsWith("Uid:"))
                            .anyMatch(line -> List.of(line.split("\\s+", -1)).contains(Integer.toString(owner)));
        } catch (IOException e) {
            // It has ended.
            return false;
        }
    }

    private static boolean canLookInto(Path process) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                // To list them may be permitted where to see what they are is not.
                Files.readSymbolicLink(descriptor);
                return true;
            }
            return true;
        } catch (NoSuchFileException e) {
            // It has ended, or closed it.
            return true;
        } catch (IOException | DirectoryIteratorException e) {
            return false;
        }
    }

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
