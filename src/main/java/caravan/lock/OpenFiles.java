package caravan.lock;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Which process has which file open, as far as this one may look. */
public interface OpenFiles {

    /** What can be said of a process and a file. */
    enum Seen {
        OPEN,
        NOT_OPEN,
        /** There is no such process. */
        GONE,
        /** It belongs to somebody else, so it may not be looked at. */
        HIDDEN
    }

    /** Whether process {@code pid} has the file with this {@code unix:dev,ino} open. */
    Seen look(long pid, Map<String, Object> identity) throws IOException;

    /** All processes, in no order. */
    List<Long> processes() throws IOException;

    /** Those of this system; it has no processes where there is no {@code /proc}. */
    static OpenFiles ofSystem() {
        return in(Path.of("/proc"));
    }

    /** What a directory in the form of {@code /proc} says. */
    static OpenFiles in(Path proc) {
        return new DescriptorLinks(proc);
    }
}
