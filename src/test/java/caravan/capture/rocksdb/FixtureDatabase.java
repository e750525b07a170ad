package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.rocksdb.BuiltinComparator;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Writes a small database with whatever release of RocksDB it is run with: four columns, one in an order of its own, tables
 * that were flushed and compacted, a column that was dropped, a restart, and records that are in a log alone. What the
 * engine itself says of it is in {@code engine.txt}.
 */
public final class FixtureDatabase {

    private static final List<String> COLUMNS = List.of("default", "col0", "col1", "ordered");

    private FixtureDatabase() {}

    /** Usage: {@code DIRECTORY}. */
    public static void main(String[] arguments) throws Exception {
        write(Files.createDirectories(Path.of(arguments[0])));
    }

    static void write(Path directory) throws Exception {
        RocksDB.loadLibrary();
        open(directory, true);
        open(directory, false);
    }

    private static void open(Path directory, boolean first) throws Exception {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        List<ColumnFamilyHandle> columns = new ArrayList<>();
        try (ColumnFamilyOptions usual = new ColumnFamilyOptions();
                ColumnFamilyOptions reversed =
                        new ColumnFamilyOptions().setComparator(BuiltinComparator.REVERSE_BYTEWISE_COMPARATOR);
                DBOptions options = new DBOptions()
                        .setCreateIfMissing(true)
                        .setCreateMissingColumnFamilies(true)
                        .setWriteDbidToManifest(true)) {
            for (String name : COLUMNS) {
                descriptors.add(
                        new ColumnFamilyDescriptor(name.getBytes(UTF_8), name.equals("ordered") ? reversed : usual));
            }
            try (RocksDB database = RocksDB.open(options, directory.toString(), descriptors, columns)) {
                fill(database, columns, first);
                if (!first) {
                    Files.write(directory.resolve("engine.txt"), toldBy(database));
                }
                columns.forEach(ColumnFamilyHandle::close);
            }
        }
    }

    private static void fill(RocksDB database, List<ColumnFamilyHandle> columns, boolean drops)
            throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            for (int round = 0; round < 3; round++) {
                for (int key = 20 * round; key < 20 * (round + 1); key++) {
                    put(database, columns, "k" + key);
                }
                for (ColumnFamilyHandle column : columns) {
                    database.flush(flush, column);
                }
            }
            if (drops) {
                try (ColumnFamilyHandle dropped =
                        database.createColumnFamily(new ColumnFamilyDescriptor("dropped".getBytes(UTF_8)))) {
                    put(database, List.of(dropped), "a");
                    database.flush(flush, dropped);
                    database.dropColumnFamily(dropped);
                }
            }
        }
        database.compactRange(columns.get(1));
        for (int key = 0; key < 5; key++) {
            put(database, List.of(columns.get(1)), "late" + key);
        }
    }

    private static void put(RocksDB database, List<ColumnFamilyHandle> columns, String key) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch();
                WriteOptions unsynced = new WriteOptions()) {
            for (ColumnFamilyHandle column : columns) {
                batch.put(column, key.getBytes(UTF_8), new byte[20]);
            }
            database.write(unsynced, batch);
        }
    }

    private static List<String> toldBy(RocksDB database) {
        List<String> lines = new ArrayList<>();
        for (LiveFileMetaData table : database.getLiveFilesMetaData()) {
            lines.add("file " + table.fileName().substring(1) + " " + table.size());
        }
        COLUMNS.forEach(name -> lines.add("column " + name));
        lines.add("sequence " + database.getLatestSequenceNumber());
        Collections.sort(lines);
        return lines;
    }
}
