package caravan.capture.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A process, known by its number and the time of its start, because numbers are given again.
 *
 * @param start ticks since the machine started, as field 22 of {@code /proc/PID/stat} says
 */
record NodeProcess(long pid, String start) {

    private static final Path PROC = Path.of("/proc");
    private static final int STATE = 0;
    private static final int START = 19;

    /** Stopped by a signal or a tracer, or dead: such a thread does nothing. */
    private static final Set<String> STILL = Set.of("T", "t", "Z", "X", "x");

    /** The process that has the number {@code pid} now. */
    static NodeProcess of(long pid) throws IOException {
        return new NodeProcess(pid, fieldsIn(statOf(pid)).get(START));
    }

    /** Whether it is there and lives. */
    boolean isAlive() throws IOException {
        try {
            List<String> fields = fieldsIn(statOf(pid));
            return fields.get(START).equals(start) && !Set.of("Z", "X", "x").contains(fields.get(STATE));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether each of its threads is stopped. Only then has a signal to stop arrived everywhere. */
    boolean isStill() throws IOException {
        try (DirectoryStream<Path> threads =
                Files.newDirectoryStream(PROC.resolve(Long.toString(pid)).resolve("task"))) {
            for (Path thread : threads) {
                if (!isStill(thread)) {
                    return false;
                }
            }
            return true;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Whether its first thread is not stopped, so that it goes on. */
    boolean isGoing() throws IOException {
        return !STILL.contains(fieldsIn(statOf(pid)).get(STATE));
    }

    private static boolean isStill(Path thread) throws IOException {
        try {
            return STILL.contains(fieldsIn(thread.resolve("stat")).get(STATE));
        } catch (NoSuchFileException e) {
            // It ended.
            return true;
        }
    }

    private static Path statOf(long pid) {
        return PROC.resolve(Long.toString(pid)).resolve("stat");
    }

    /** The fields after the name, which stands in parentheses and may hold anything. */
    private static List<String> fieldsIn(Path stat) throws IOException {
        String line;
        try {
            line = new String(Files.readAllBytes(stat), ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            // ESRCH: it ended between opening and reading.
            if (e.getMessage() != null && e.getMessage().contains("No such process")) {
                throw new NoSuchFileException(stat.toString());
            }
            throw e;
        }
        List<String> fields = new ArrayList<>(
                List.of(line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1)));
        if (fields.size() <= START) {
            throw new IOException(stat + " has only " + fields.size() + " fields after the name");
        }
        return fields;
    }
}
