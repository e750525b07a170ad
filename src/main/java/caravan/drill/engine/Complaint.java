package caravan.drill.engine;

import java.util.regex.Pattern;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * What a complaint of RocksDB says about what it was reading, told by its status, and by words only where that has
 * none.
 */
enum Complaint {
    /** It is not as it was written. */
    DAMAGE,
    /** Nothing: this machine, or this RocksDB, could not read it. */
    NO_JUDGEMENT;

    /** RocksDB has one status for all that the system answers, with the words of strerror(3) for it. */
    private static final Pattern OF_THIS_MACHINE = Pattern.compile(String.join(
            "|",
            "Permission denied",
            "Operation not permitted",
            "Too many open files",
            "No space left on device",
            "Disk quota exceeded",
            "Read-only file system",
            "Cannot allocate memory",
            "Stale file handle",
            "Interrupted system call",
            "Resource temporarily unavailable",
            "Transport endpoint is not connected",
            "Connection timed out",
            "No locks available"));

    /** What {@code complaint} says. */
    static Complaint of(RocksDBException complaint) {
        Status status = complaint.getStatus();
        if (status == null) {
            return NO_JUDGEMENT;
        }
        return switch (status.getCode()) {
            case Corruption, NotFound -> DAMAGE;
            case IOError -> isOfThisMachine(status) ? NO_JUDGEMENT : DAMAGE;
            default -> NO_JUDGEMENT;
        };
    }

    private static boolean isOfThisMachine(Status status) {
        return switch (status.getSubCode()) {
            case NoSpace, MemoryLimit, StaleFile -> true;
            default ->
                OF_THIS_MACHINE.matcher(String.valueOf(status.getState())).find();
        };
    }
}
