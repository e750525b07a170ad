package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;

/**
 * RocksDB options as Substrate's kvdb-rocksdb sets them, and with {@link Profile#TORTURE} only the sizes made tiny.
 *
 * <p>It owns native memory: close it after the database that uses it.
 */
final class StoreTuning implements AutoCloseable {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final int STATE_COLUMN = 1;

    private final Profile profile;
    private final DBOptions database;
    private final Cache cache = new LRUCache(32 * MIB);
    private final BloomFilter bloom = new BloomFilter(10, false);
    private final List<ColumnFamilyOptions> columns = new ArrayList<>();

    StoreTuning(Profile profile) {
        this.profile = profile;
        this.database = databaseOptions(profile);
    }

    DBOptions database() {
        return database;
    }

    /** Descriptors for these column families, in their order; this object closes their options. */
    List<ColumnFamilyDescriptor> columns(List<String> names) {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (String name : names) {
            ColumnFamilyOptions options = columnOptions(name.equals("col" + STATE_COLUMN));
            columns.add(options);
            descriptors.add(new ColumnFamilyDescriptor(name.getBytes(UTF_8), options));
        }
        return descriptors;
    }

    private static DBOptions databaseOptions(Profile profile) {
        DBOptions options = new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                .setUseFsync(false)
                .setRecycleLogFileNum(0)
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setMaxOpenFiles(512)
                .setKeepLogFileNum(1)
                .setBytesPerSync(MIB)
                .setMaxBackgroundJobs(2);
        if (profile == Profile.TORTURE) {
            options.setMaxTotalWalSize(640 * KIB)
                    .setMaxManifestFileSize(64 * KIB)
                    .setDeleteObsoleteFilesPeriodMicros(0)
                    .setBytesPerSync(0);
        }
        return options;
    }

    private ColumnFamilyOptions columnOptions(boolean state) {
        ColumnFamilyOptions options = new ColumnFamilyOptions()
                .setCompactionStyle(CompactionStyle.LEVEL)
                .setLevelCompactionDynamicLevelBytes(true)
                .setCompressionType(CompressionType.SNAPPY_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setFormatVersion(5)
                        .setBlockSize(16 * KIB)
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(bloom));
        if (profile == Profile.TORTURE) {
            return options.setWriteBufferSize(64 * KIB)
                    .setArenaBlockSize(8 * KIB)
                    .setTargetFileSizeBase(128 * KIB)
                    .setMaxBytesForLevelBase(512 * KIB)
                    .setLevel0FileNumCompactionTrigger(2);
        }
        return options.setWriteBufferSize(state ? 32 * MIB : 4 * MIB)
                .setTargetFileSizeBase(64 * MIB)
                .setMaxBytesForLevelBase(256 * MIB);
    }

    @Override
    public void close() {
        columns.forEach(ColumnFamilyOptions::close);
        bloom.close();
        cache.close();
        database.close();
    }
}
