package caravan.drill.engine;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.pace.IoPriority;
import java.nio.file.Path;

/** Reads databases with their own engine. Safe for many threads; each session has a process of its own. */
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

    /** Starts a process, which the caller ends by closing it. */
    public EngineSession begin() throws CaravanException {
        return new EngineSession(EngineProcess.start(directory, limits, priority));
    }
}
