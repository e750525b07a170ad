package caravan.drill.engine;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * How a reading process ended that was not told to.
 *
 * @param status as a shell gives it
 * @param report beginning of what Java wrote about its own end; empty if nothing
 * @param said beginning of what the process wrote about errors; empty if nothing
 */
record EngineEnd(int status, String report, String said) {

    private static final int SIGNALLED = 128;

    private static final int ABORTED = SIGNALLED + 6;

    private static final int BUS_ERROR = SIGNALLED + 7;

    private static final int DIVIDED_BY_ZERO = SIGNALLED + 8;

    private static final int CRASHED = SIGNALLED + 11;

    /** Java says so of native memory and of threads, C++ by the name of its exception, and RocksDB by its own words. */
    private static final Pattern OUT_OF_MEMORY = Pattern.compile("insufficient memory for the Java Runtime|"
            + "OutOfMemoryError|Out of Memory Error|std::bad_alloc|[Cc]annot allocate memory|Memory limit");

    private static final Pattern OUT_OF_SPACE = Pattern.compile("No space left on device|Disk quota exceeded");

    EngineEnd {
        requireNonNull(report, "report");
        requireNonNull(said, "said");
    }

    /** Whether this machine had no memory left for it, which says nothing about what it was reading. */
    boolean isOutOfMemory() {
        return OUT_OF_MEMORY.matcher(report).find()
                || OUT_OF_MEMORY.matcher(said).find();
    }

    /** Whether there was no room for what it unpacks, which says nothing about what it was reading. */
    boolean isOutOfSpace() {
        return OUT_OF_SPACE.matcher(said).find();
    }

    /** Whether what it was reading made it crash. */
    boolean isCrash() {
        boolean signalled = status == ABORTED || status == BUS_ERROR || status == DIVIDED_BY_ZERO || status == CRASHED;
        return (signalled || !report.isEmpty()) && !isOutOfMemory() && !isOutOfSpace();
    }

    /** For the end of a message; empty if nothing was written. */
    String lastWords() {
        return said.lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .map(line -> ": " + line.strip())
                .orElse("");
    }
}
