package caravan.drill.engine;

import caravan.failure.CaravanException;
import java.nio.file.Path;

/** Reads table files of a RocksDB, one after the other. Safe for many threads, which then wait for each other's turn. */
public final class TableReadings implements AutoCloseable {

    private final EngineProcess process;

    TableReadings(EngineProcess process) {
        this.process = process;
    }

    /**
     * Compares every block of {@code table} with its checksum.
     *
     * @throws caravan.failure.DamagedException if one is not right, or the engine crashes over it
     */
    public void check(Path table) throws CaravanException, InterruptedException {
        process.ask("table", table);
    }

    /** Ends the process. */
    @Override
    public void close() {
        process.close();
    }
}
