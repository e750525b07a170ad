package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * A RocksDB with four column families whose whole content follows from one number, its head: batch {@code i} writes one
 * key to each column, and the head. It flushes and compacts only when it is told to.
 */
final class SmallDatabase implements AutoCloseable {

    static final int COLUMNS = 4;

    static {
        RocksDB.loadLibrary();
    }

    private final Path directory;
    private final DBOptions options;
    private final ColumnFamilyOptions columnOptions;
    private final List<ColumnFamilyHandle> columns = new ArrayList<>();
    private final WriteOptions unsynced = new WriteOptions();
    private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
    private final RocksDB database;
    private long head;

    private SmallDatabase(Path directory, Consumer<DBOptions> settings, Consumer<ColumnFamilyOptions> columnSettings)
            throws RocksDBException {
        this.directory = directory;
        options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setKeepLogFileNum(1)
                .setMaxBackgroundJobs(2);
        settings.accept(options);
        columnOptions = new ColumnFamilyOptions().setDisableAutoCompactions(true);
        columnSettings.accept(columnOptions);
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, columnOptions));
        for (int column = 1; column < COLUMNS; column++) {
            descriptors.add(new ColumnFamilyDescriptor(("col" + column).getBytes(UTF_8), columnOptions));
        }
        database = RocksDB.open(options, directory.toString(), descriptors, columns);
    }

    static SmallDatabase open(Path directory) throws RocksDBException {
        return open(directory, options -> {});
    }

    static SmallDatabase open(Path directory, Consumer<DBOptions> settings) throws RocksDBException {
        return open(directory, settings, options -> {});
    }

    static SmallDatabase open(
            Path directory, Consumer<DBOptions> settings, Consumer<ColumnFamilyOptions> columnSettings)
            throws RocksDBException {
        SmallDatabase opened = new SmallDatabase(directory, settings, columnSettings);
        opened.head = opened.readHead();
        return opened;
    }

    /** The head of the database in {@code directory}, after it was found whole; the directory is changed by opening. */
    static long verifiedHead(Path directory) throws RocksDBException {
        try (SmallDatabase opened = open(directory)) {
            opened.database.verifyChecksum();
            for (int column = 0; column < COLUMNS; column++) {
                opened.verifyColumn(column);
            }
            return opened.head;
        }
    }

    SmallDatabase write(int batches) throws RocksDBException {
        return write(batches, 100);
    }

    SmallDatabase write(int batches, int valueSize) throws RocksDBException {
        return write(batches, valueSize, unsynced);
    }

    /** Writes to memory, and to no log. */
    SmallDatabase writeUnlogged(int batches) throws RocksDBException {
        return write(batches, 100, unlogged);
    }

    private SmallDatabase write(int batches, int valueSize, WriteOptions how) throws RocksDBException {
        for (int i = 0; i < batches; i++) {
            try (WriteBatch batch = new WriteBatch()) {
                head++;
                for (ColumnFamilyHandle column : columns) {
                    batch.put(column, key(head), value(head, valueSize));
                    batch.put(
                            column, "head".getBytes(UTF_8), Long.toString(head).getBytes(UTF_8));
                }
                database.write(how, batch);
            }
        }
        return this;
    }

    SmallDatabase flush() throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            database.flush(flush, columns);
        }
        return this;
    }

    SmallDatabase flush(int column) throws RocksDBException {
        try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            database.flush(flush, columns.get(column));
        }
        return this;
    }

    SmallDatabase compact() throws RocksDBException {
        for (ColumnFamilyHandle column : columns) {
            database.compactRange(column);
        }
        return this;
    }

    SmallDatabase compact(int column) throws RocksDBException {
        database.compactRange(columns.get(column));
        return this;
    }

    SmallDatabase createColumn(String name) throws RocksDBException {
        columns.add(database.createColumnFamily(new ColumnFamilyDescriptor(name.getBytes(UTF_8), columnOptions)));
        return this;
    }

    SmallDatabase dropLastColumn() throws RocksDBException {
        ColumnFamilyHandle dropped = columns.remove(columns.size() - 1);
        database.dropColumnFamily(dropped);
        dropped.close();
        return this;
    }

    RocksDB database() {
        return database;
    }

    long head() {
        return head;
    }

    Path directory() {
        return directory;
    }

    @Override
    public void close() {
        columns.forEach(ColumnFamilyHandle::close);
        database.close();
        unsynced.close();
        unlogged.close();
        options.close();
        columnOptions.close();
    }

    private long readHead() throws RocksDBException {
        byte[] stored = database.get("head".getBytes(UTF_8));
        return stored == null ? 0 : Long.parseLong(new String(stored, UTF_8));
    }

    private void verifyColumn(int column) throws RocksDBException {
        long expected = 1;
        try (RocksIterator keys = database.newIterator(columns.get(column))) {
            for (keys.seek("k".getBytes(UTF_8)); keys.isValid(); keys.next()) {
                byte[] value = keys.value();
                if (!new String(keys.key(), UTF_8).equals(new String(key(expected), UTF_8))
                        || !new String(value, UTF_8).equals(new String(value(expected, value.length), UTF_8))) {
                    throw new IllegalStateException("column " + column + " has " + new String(keys.key(), UTF_8)
                            + " where batch " + expected + " is expected");
                }
                expected++;
            }
            keys.status();
        }
        if (expected - 1 != head) {
            throw new IllegalStateException(
                    "column " + column + " ends at batch " + (expected - 1) + ", but the head is " + head);
        }
    }

    private static byte[] key(long batch) {
        return String.format("k%09d", batch).getBytes(UTF_8);
    }

    private static byte[] value(long batch, int size) {
        String unit = "value " + batch + " ";
        return unit.repeat(size / unit.length() + 1).substring(0, size).getBytes(UTF_8);
    }

    /** Whether opening the database in {@code directory} and reading all of it finds no fault of any kind. */
    static boolean isWhole(Path directory) {
        try {
            verifiedHead(directory);
            return Files.isDirectory(directory);
        } catch (RocksDBException | IllegalStateException e) {
            return false;
        }
    }
}
