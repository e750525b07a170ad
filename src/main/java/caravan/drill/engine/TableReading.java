package caravan.drill.engine;

import java.nio.file.Path;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/** Reads one table file from its first block to its last and compares each with its checksum. */
final class TableReading {

    private TableReading() {}

    /**
     * Returns how many entries the table has, if every block of it is right. It needs neither the MANIFEST nor the
     * comparator of the column that the table belongs to.
     *
     * @throws RocksDBException if it is damaged, or no table
     */
    static long of(Path table) throws RocksDBException {
        try (Options options = new Options();
                SstFileReader reader = new SstFileReader(options)) {
            reader.open(table.toString());
            reader.verifyChecksum();
            return reader.getTableProperties().getNumEntries();
        }
    }
}
