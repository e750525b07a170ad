package caravan.publish;

import caravan.failure.CaravanException;
import java.nio.file.Path;

/** Reads table files of a RocksDB with RocksDB itself, whose checksums lie in them. Safe for many threads. */
public interface TableReader extends AutoCloseable {

    /**
     * Returns if every block of {@code table} matches its checksum.
     *
     * @throws caravan.failure.DamagedException if one does not
     */
    void check(Path table) throws CaravanException, InterruptedException;

    @Override
    void close();

    /** Where a reader comes from. */
    @FunctionalInterface
    interface Source {

        /** A new one, which the caller closes. */
        TableReader open() throws CaravanException;
    }
}
