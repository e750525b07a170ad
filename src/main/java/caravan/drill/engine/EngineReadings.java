package caravan.drill.engine;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.pace.IoPriority;
import java.nio.file.Path;

/** Reads databases with their own engine. Safe for many threads; each reading has a process of its own. */
public final class EngineReadings {

    private final Path directory;

    private final EngineLimits limits;

    private final IoPriority priority;

    /**
     * Readings within {@code limits}.
     *
     * @param priority with which they read
     * @param directory where processes unpack what they need; it is made, and emptied of what killed ones left
     */
    public EngineReadings(Path directory, EngineLimits limits, IoPriority priority) {
        this.directory = requireNonNull(directory, "directory");
        this.limits = requireNonNull(limits, "limits");
        this.priority = requireNonNull(priority, "priority");
    }

    /**
     * Opens the RocksDB in {@code store}, read-only: nothing in it changes.
     *
     * @param checksums whether to compare every block of every table with its checksum, which reads the whole database
     * @throws caravan.failure.DamagedException if it does not open, or is damaged
     */
    public StoreFacts readStore(Path store, boolean checksums) throws CaravanException, InterruptedException {
        try (EngineProcess process = EngineProcess.start(directory, limits, priority)) {
            return StoreFacts.parse(process.ask(checksums ? "check" : "open", store));
        }
    }

    /** Begins a reading of many single tables by one process, which the caller closes. */
    public TableReadings readTables() throws CaravanException {
        return new TableReadings(EngineProcess.start(directory, limits, priority));
    }
}
