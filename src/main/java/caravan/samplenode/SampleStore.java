package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB of the sample node, open for writing.
 *
 * <p>It only knows how to go from one height to the next, so its contents are always those {@link StoreContents} gives
 * for its head. One thread commits; {@link #head} may be read by all.
 */
final class SampleStore implements AutoCloseable {

    /** Index of the column family {@code default}; {@code colN} follows at N + 1. */
    private static final int RECORDS = 0;

    private final Path directory;
    private final StoreTuning tuning;
    private final RocksDB database;
    private final List<ColumnFamilyHandle> handles;
    private final StoreContents contents;
    private final WriteOptions writeOptions = new WriteOptions().setSync(false);
    private final WriteBatch batch = new WriteBatch();
    private volatile long head;
    private long sum;

    private SampleStore(
            Path directory,
            StoreTuning tuning,
            RocksDB database,
            List<ColumnFamilyHandle> handles,
            StoreContents contents,
            byte[] headRecord) {
        this.directory = directory;
        this.tuning = tuning;
        this.database = database;
        this.handles = handles;
        this.contents = contents;
        this.head = contents.heightOf(headRecord);
        this.sum = contents.sumOf(headRecord);
    }

    /**
     * Opens the store in {@code directory}, which RocksDB recovers if its writer was killed, or creates it.
     *
     * @param shape of the store if it is created; an existing one keeps its own, but must have the same columns
     * @throws DamagedException if what is there is not the state of one height
     * @throws FailedException if RocksDB cannot open it, for example because another process has it open
     */
    static SampleStore open(Path directory, StoreShape shape, Profile profile) throws CaravanException {
        requireNonNull(shape, "shape");
        RocksDB.loadLibrary();
        StoreTuning tuning = new StoreTuning(profile);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        RocksDB database = null;
        try {
            database = RocksDB.open(
                    tuning.database(), directory.toString(), tuning.columns(shape.columnFamilies()), handles);
            ColumnFamilyHandle records = handles.get(RECORDS);
            byte[] storedShape = database.get(records, StoreContents.SHAPE_KEY);
            StoreContents contents = new StoreContents(storedShape == null ? shape : StoreShape.fromBytes(storedShape));
            if (storedShape == null) {
                writeGenesis(database, handles, contents);
            }
            byte[] headRecord = database.get(records, StoreContents.HEAD_KEY);
            requireSameHeadEverywhere(directory, database, handles, contents.tip(contents.heightOf(headRecord)));
            return new SampleStore(directory, tuning, database, handles, contents, headRecord);
        } catch (RocksDBException | IllegalArgumentException | DamagedException e) {
            close(handles, database, tuning);
            if (e instanceof DamagedException damaged) {
                throw damaged;
            }
            throw new FailedException(
                    "opening the sample store " + directory + " failed: " + e.getMessage(),
                    "is another sample node running on the same base directory?",
                    e);
        }
    }

    private static void writeGenesis(RocksDB database, List<ColumnFamilyHandle> handles, StoreContents contents)
            throws RocksDBException {
        try (WriteBatch batch = new WriteBatch();
                WriteOptions options = new WriteOptions()) {
            batch.put(
                    handles.get(RECORDS),
                    StoreContents.SHAPE_KEY,
                    contents.shape().toBytes());
            putRecords(batch, handles, contents, 0, 0);
            database.write(options, batch);
        }
    }

    private static void requireSameHeadEverywhere(
            Path directory, RocksDB database, List<ColumnFamilyHandle> handles, byte[] tip)
            throws RocksDBException, DamagedException {
        for (ColumnFamilyHandle column : handles.subList(1, handles.size())) {
            if (!Arrays.equals(tip, database.get(column, StoreContents.TIP.getBytes(UTF_8)))) {
                throw new DamagedException(
                        "the sample store " + directory + " is torn: its columns end at different heights",
                        "remove the base directory and start again");
            }
        }
    }

    StoreShape shape() {
        return contents.shape();
    }

    /** The last height committed. */
    long head() {
        return head;
    }

    /**
     * Commits the next {@code heights} heights as one atomic write, not synced, as a Substrate node does.
     *
     * @throws FailedException if RocksDB refuses the write; the store must then be closed
     */
    void commit(int heights) throws FailedException {
        long from = head + 1;
        long to = head + heights;
        try {
            batch.clear();
            for (long height = from; height <= to; height++) {
                add(height);
            }
            putRecords(batch, handles, contents, to, sum);
            database.write(writeOptions, batch);
            head = to;
        } catch (RocksDBException e) {
            throw new FailedException(
                    "writing batch " + from + " to " + directory + " failed: " + e.getMessage(),
                    "is the disk full?",
                    e);
        }
    }

    private void add(long height) throws RocksDBException {
        long leaving = height - contents.shape().window();
        for (int column = 0; column < contents.shape().columns(); column++) {
            ColumnFamilyHandle handle = handles.get(column + 1);
            batch.put(handle, contents.key(column, height), contents.value(column, height));
            if (leaving >= 1) {
                batch.delete(handle, contents.key(column, leaving));
            }
        }
        sum = contents.sumAfter(sum, height);
    }

    private static void putRecords(
            WriteBatch batch, List<ColumnFamilyHandle> handles, StoreContents contents, long head, long sum)
            throws RocksDBException {
        for (int column = 0; column < contents.shape().columns(); column++) {
            for (Map.Entry<String, byte[]> stored :
                    contents.records(column, head).entrySet()) {
                batch.put(handles.get(column + 1), stored.getKey().getBytes(UTF_8), stored.getValue());
            }
        }
        batch.put(handles.get(RECORDS), StoreContents.HEAD_KEY, contents.headRecord(head, sum));
    }

    /**
     * Writes all buffers into tables and compacts them, so that what follows starts from a quiet database.
     *
     * @throws FailedException if RocksDB cannot
     */
    void settle() throws FailedException {
        try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
            database.flush(wait, handles);
            for (ColumnFamilyHandle handle : handles) {
                database.compactRange(handle);
            }
        } catch (RocksDBException e) {
            throw new FailedException("compacting " + directory + " failed: " + e.getMessage(), "is the disk full?", e);
        }
    }

    @Override
    public void close() {
        batch.close();
        writeOptions.close();
        close(handles, database, tuning);
    }

    private static void close(List<ColumnFamilyHandle> handles, RocksDB database, StoreTuning tuning) {
        handles.forEach(ColumnFamilyHandle::close);
        if (database != null) {
            database.close();
        }
        tuning.close();
    }
}
