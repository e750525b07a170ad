package caravan.doctor;

import caravan.restore.target.Space;
import caravan.restore.target.SystemLimits;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What the system lets a process of this program have: memory and open files. */
public final class MemoryCheck implements Examination {

    /** Beside the heap: buffers, compiled code, classes. */
    private static final long BESIDE_HEAP = 256L << 20;

    private static final long FEW_FILES = 1024;

    private final long heap;

    private final long memory;

    private final OptionalLong openFiles;

    /**
     * What is known of a process.
     *
     * @param heap most bytes of it
     * @param memory bytes of this machine or container
     * @param openFiles most of them
     */
    MemoryCheck(long heap, long memory, OptionalLong openFiles) {
        this.heap = heap;
        this.memory = memory;
        this.openFiles = openFiles;
    }

    /** What this process has. */
    public static MemoryCheck ofThisProcess() throws IOException {
        long memory =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        return new MemoryCheck(
                Runtime.getRuntime().maxMemory(),
                memory,
                SystemLimits.of(Path.of("/")).openFiles());
    }

    @Override
    public String subject() {
        return "machine";
    }

    @Override
    public void examine(Findings findings) {
        if (heap + BESIDE_HEAP > memory) {
            findings.wrong(
                    Findings.FAILED,
                    "the program may take " + Space.shown(heap + BESIDE_HEAP)
                            + " of memory, and this machine or container has " + Space.shown(memory)
                            + ": it will be killed one day",
                    "give it more memory, or less heap: CARAVAN_JAVA_OPTS=-Xmx256m");
        } else {
            findings.ok("memory " + Space.shown(memory) + ", heap at most " + Space.shown(heap));
        }
        if (openFiles.isPresent() && openFiles.getAsLong() < FEW_FILES) {
            findings.wrong(
                    Findings.FAILED,
                    "a process of this user may have only " + openFiles.getAsLong()
                            + " files open; drills and checks of tables open more",
                    "raise the limit to " + FEW_FILES + " or more: ulimit -n, or LimitNOFILE of the service");
        }
    }
}
