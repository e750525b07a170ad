package caravan.drill.engine;

import caravan.failure.CaravanException;
import java.nio.file.Path;

/**
 * One process that reads whole stores and single tables. A crash ends it, so nothing is read after that. Safe for many
 * threads.
 */
public final class EngineSession implements AutoCloseable {

    private final EngineProcess process;

    EngineSession(EngineProcess process) {
        this.process = process;
    }

    /**
     * Opens the RocksDB in {@code store}, read-only: nothing in it changes.
     *
     * @param checksums whether to compare every block of every table with its checksum, which reads the whole database
     * @throws caravan.failure.DamagedException if it does not open, or is damaged
     */
    public StoreFacts readStore(Path store, boolean checksums) throws CaravanException, InterruptedException {
        return StoreFacts.parse(process.ask(checksums ? "check" : "open", store));
    }

    /**
     * Compares every block of {@code table} with its checksum.
     *
     * @throws caravan.failure.DamagedException if one is not right, or the engine crashes over it
     */
    public void checkTable(Path table) throws CaravanException, InterruptedException {
        process.ask("table", table);
    }

    /** Ends the process. */
    @Override
    public void close() {
        process.close();
    }
}
