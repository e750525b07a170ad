package caravan.samplenode;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.WrongUsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.rocksdb.WALRecoveryMode;

/**
 * Tells whether a directory holds a sample store in the state of exactly one height.
 *
 * <p>The store is opened as a node would, with all its column families, every table's checksums are verified, and every
 * entry is compared with what {@link StoreContents} says. It needs nothing but the directory. Safe for many threads;
 * all checks of one instance share one block cache, which {@link #close} frees.
 */
public final class SampleDatabaseCheck implements AutoCloseable {

    /** How the directory is opened. */
    public enum OpenMode {

        /** Nothing in the directory changes. */
        READ_ONLY,

        /** As a node opens it: write-ahead logs are turned into tables, so the directory should be a private copy. */
        READ_WRITE
    }

    private static final long CACHE_BYTES = 16L << 20;

    private final OpenMode mode;
    private final Cache cache;

    /** A check that opens each store in this way. */
    public SampleDatabaseCheck(OpenMode mode) {
        this.mode = requireNonNull(mode, "mode");
        RocksDB.loadLibrary();
        this.cache = new LRUCache(CACHE_BYTES);
    }

    /**
     * Checks each given store and prints one line for it: its state, or what is wrong with it.
     *
     * <p>Usage: {@code [--read-write] STORE…}. Ends with status 0 if all are sound, else with that of the first
     * failure.
     */
    public static void main(String[] arguments) {
        List<String> stores = new ArrayList<>(List.of(arguments));
        OpenMode mode = stores.remove("--read-write") ? OpenMode.READ_WRITE : OpenMode.READ_ONLY;
        int status = 0;
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(mode)) {
            for (String store : stores) {
                try {
                    System.out.println(store + ": " + check.check(Path.of(store)));
                } catch (CaravanException e) {
                    System.out.println(e.getMessage());
                    status = status == 0 ? e.exitStatus() : status;
                }
            }
        }
        System.exit(status);
    }

    /**
     * Checks the store in {@code directory}, for example {@code …/db/full}.
     *
     * @throws DamagedException if it does not open, a checksum is wrong, or its contents are not those of one height;
     *     the message says which batches are torn, lost or back, in which column family
     * @throws WrongUsageException if there is no such directory
     */
    public SampleDatabaseState check(Path directory) throws CaravanException {
        if (!Files.isDirectory(directory)) {
            throw new WrongUsageException("there is no directory " + directory + " to check", "check the path");
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (ColumnFamilyOptions columnOptions = new ColumnFamilyOptions()
                        .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
                DBOptions options = new DBOptions()
                        .setParanoidChecks(true)
                        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
                RocksDB database = open(directory, options, columnOptions, handles)) {
            try {
                database.verifyChecksum();
                return new StoreInspection(directory, database, handles).inspect();
            } finally {
                handles.forEach(ColumnFamilyHandle::close);
            }
        } catch (RocksDBException e) {
            throw new DamagedException(
                    directory + " is damaged: " + e.getMessage(), "RocksDB refuses this copy of the database", e);
        }
    }

    private RocksDB open(
            Path directory, DBOptions options, ColumnFamilyOptions columnOptions, List<ColumnFamilyHandle> handles)
            throws RocksDBException {
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        try (Options plain = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(plain, directory.toString())) {
                families.add(new ColumnFamilyDescriptor(name, columnOptions));
            }
        }
        if (families.isEmpty()) {
            throw new RocksDBException("no CURRENT names a readable MANIFEST");
        }
        return mode == OpenMode.READ_ONLY
                ? RocksDB.openReadOnly(options, directory.toString(), families, handles)
                : RocksDB.open(options, directory.toString(), families, handles);
    }

    @Override
    public void close() {
        cache.close();
    }
}
