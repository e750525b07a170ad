package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;

/**
 * One pass over a RocksDB that is opened as a node opens it, but read-only: nothing in its directory changes. Its logs
 * are replayed into memory, so it takes as much of that as they are long.
 */
final class StoreReading {

    private static final long CACHE_BYTES = 32L << 20;

    private static final int MAX_OPEN_FILES = 512;

    /** Where a Substrate node keeps its records about the chain as a whole. */
    private static final String META_COLUMN = "col0";

    /** A block number of 32 bits and a hash, as Substrate refers to blocks. */
    private static final int LOOKUP_KEY_BYTES = Integer.BYTES + 32;

    private static final int HASH_BYTES = 32;

    private final String directory;

    private final DBOptions options;

    private final ColumnFamilyOptions columnOptions;

    private StoreReading(String directory, DBOptions options, ColumnFamilyOptions columnOptions) {
        this.directory = directory;
        this.options = options;
        this.columnOptions = columnOptions;
    }

    /**
     * Opens the store, reads the first and last entry of each column and, if {@code checksums}, every block of every
     * table, and looks which block it has come to.
     *
     * @throws RocksDBException if it does not open, or anything that is read is damaged
     */
    static StoreFacts of(Path directory, boolean checksums) throws RocksDBException {
        try (Cache cache = new LRUCache(CACHE_BYTES);
                ColumnFamilyOptions columnOptions = new ColumnFamilyOptions()
                        .setTableFormatConfig(
                                new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
                DBOptions options = new DBOptions()
                        .setParanoidChecks(true)
                        .setMaxOpenFiles(MAX_OPEN_FILES)
                        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)) {
            return new StoreReading(directory.toString(), options, columnOptions).read(checksums);
        }
    }

    private StoreFacts read(boolean checksums) throws RocksDBException {
        List<byte[]> all = columns();
        List<byte[]> readable = readable(all);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (RocksDB database = open(readable, handles)) {
            try {
                if (checksums) {
                    database.verifyChecksum();
                }
                long keys = 0;
                for (ColumnFamilyHandle column : handles) {
                    readEnds(database, column);
                    keys += database.getLongProperty(column, "rocksdb.estimate-num-keys");
                }
                return facts(all.size(), readable.size(), keys, database, handles);
            } finally {
                handles.forEach(ColumnFamilyHandle::close);
            }
        }
    }

    private List<byte[]> columns() throws RocksDBException {
        try (Options plain = new Options()) {
            List<byte[]> columns = RocksDB.listColumnFamilies(plain, directory);
            if (columns.isEmpty()) {
                throw new RocksDBException(new Status(
                        Status.Code.Corruption, Status.SubCode.None, "no CURRENT names a readable MANIFEST"));
            }
            return columns;
        }
    }

    /**
     * The columns in the usual order of keys. A node may have given one an order of its own; then RocksDB opens the
     * others alone, and does not say which it was.
     */
    private List<byte[]> readable(List<byte[]> all) throws RocksDBException {
        try {
            open(all, new ArrayList<>()).close();
            return all;
        } catch (RocksDBException e) {
            if (!isAboutOrder(e)) {
                throw e;
            }
        }
        List<byte[]> readable = new ArrayList<>(List.of(RocksDB.DEFAULT_COLUMN_FAMILY));
        for (byte[] column : all) {
            if (!Arrays.equals(column, RocksDB.DEFAULT_COLUMN_FAMILY) && isReadable(column)) {
                readable.add(column);
            }
        }
        return readable;
    }

    private boolean isReadable(byte[] column) throws RocksDBException {
        try {
            open(List.of(RocksDB.DEFAULT_COLUMN_FAMILY, column), new ArrayList<>())
                    .close();
            return true;
        } catch (RocksDBException e) {
            if (isAboutOrder(e)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isAboutOrder(RocksDBException e) {
        return String.valueOf(e.getMessage()).contains("does not match existing comparator");
    }

    private RocksDB open(List<byte[]> columns, List<ColumnFamilyHandle> handles) throws RocksDBException {
        List<ColumnFamilyDescriptor> descriptors = columns.stream()
                .map(name -> new ColumnFamilyDescriptor(name, columnOptions))
                .toList();
        return RocksDB.openReadOnly(options, directory, descriptors, handles);
    }

    private static void readEnds(RocksDB database, ColumnFamilyHandle column) throws RocksDBException {
        try (RocksIterator entries = database.newIterator(column)) {
            entries.seekToFirst();
            entries.status();
            entries.seekToLast();
            entries.status();
        }
    }

    private static StoreFacts facts(
            int columns, int readable, long keys, RocksDB database, List<ColumnFamilyHandle> handles)
            throws RocksDBException {
        for (ColumnFamilyHandle column : handles) {
            if (new String(column.getName(), UTF_8).equals(META_COLUMN)) {
                byte[] genesis = database.get(column, "gen".getBytes(US_ASCII));
                return new StoreFacts(
                        columns,
                        columns - readable,
                        keys,
                        blockIn(database.get(column, "best".getBytes(US_ASCII))),
                        blockIn(database.get(column, "final".getBytes(US_ASCII))),
                        genesis != null && genesis.length == HASH_BYTES
                                ? "0x" + HexFormat.of().formatHex(genesis)
                                : "");
            }
        }
        return new StoreFacts(columns, columns - readable, keys, 0, 0, "");
    }

    private static long blockIn(byte[] lookupKey) {
        return lookupKey == null || lookupKey.length != LOOKUP_KEY_BYTES
                ? 0
                : Integer.toUnsignedLong(ByteBuffer.wrap(lookupKey).getInt());
    }
}
