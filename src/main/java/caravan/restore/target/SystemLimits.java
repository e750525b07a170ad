package caravan.restore.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What the system allows this process, beside space. Java has no call for it: read from {@code /proc/self/limits}
 * (proc(5)) and asked of stat(1). Where neither is there, nothing is known, and nothing refused.
 *
 * @param openFiles most that may be open at a time
 * @param fileSize bytes that a file may have
 * @param freeInodes files and directories that the file system has room for
 */
public record SystemLimits(OptionalLong openFiles, OptionalLong fileSize, OptionalLong freeInodes) {

    private static final Path LIMITS = Path.of("/proc/self/limits");

    /** Those that hold for files in {@code directory}. */
    public static SystemLimits of(Path directory) throws IOException {
        List<String> limits = Files.isReadable(LIMITS) ? Files.readAllLines(LIMITS) : List.of();
        return new SystemLimits(find(limits, "Max open files"), find(limits, "Max file size"), freeInodes(directory));
    }

    /**
     * The soft limit in a line as {@code Max open files            1024                 4096                 files}.
     */
    static OptionalLong find(List<String> limits, String name) {
        return limits.stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip().split("\\s+", 2)[0])
                .filter(value -> value.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst();
    }

    private static OptionalLong freeInodes(Path directory) {
        ProcessBuilder builder = new ProcessBuilder("stat", "-f", "-c", "%d %c", directory.toString());
        builder.environment().put("LC_ALL", "C");
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            Process stat = builder.start();
            stat.getOutputStream().close();
            String said = new String(stat.getInputStream().readNBytes(200), UTF_8);
            return stat.waitFor(10, TimeUnit.SECONDS) && stat.exitValue() == 0
                    ? parseInodes(said.strip())
                    : OptionalLong.empty();
        } catch (IOException e) {
            return OptionalLong.empty(); // no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    /** Reads {@code <free> <all>}; a file system that makes inodes as they are needed has 0 of 0. */
    static OptionalLong parseInodes(String text) {
        if (!text.matches("\\d{1,18} \\d{1,18}") || text.endsWith(" 0")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(text.substring(0, text.indexOf(' '))));
    }
}
