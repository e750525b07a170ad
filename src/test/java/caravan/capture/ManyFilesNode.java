package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.rocksdb.WriteOptions;

/**
 * A process that writes to a RocksDB of many table files and notes the longest time between two of its batches, and how
 * long each of them took, for {@link CaptureFigures} and {@code PublishFigures}. Arguments: directory, number of files, file
 * for what it notes.
 */
public final class ManyFilesNode {

    /**
     * Of the file it notes into: how often it was asked to begin anew; the longest time between two batches, in ns;
     * batches in all; and how many took how long, eight numbers for each doubling of the time.
     */
    public static final int ROUND = 0;

    static final int LONGEST = 8;

    public static final int BATCHES = 16;

    private static final int LATENCIES = 24;

    private static final int STEPS = 8;

    private static final int BUCKETS = 40 * STEPS;

    private static final int NOTED_BYTES = LATENCIES + BUCKETS * Long.BYTES;

    private ManyFilesNode() {}

    /** Writes for ever. */
    public static void main(String[] arguments) throws Exception {
        RocksDB.loadLibrary();
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        MappedByteBuffer noted = map(Path.of(arguments[2]));
        try (Options options = new Options()
                        .setCreateIfMissing(true)
                        .setDisableAutoCompactions(true)
                        .setMaxOpenFiles(512)
                        .setLevel0SlowdownWritesTrigger(1 << 20)
                        .setLevel0StopWritesTrigger(1 << 20);
                RocksDB database = RocksDB.open(options, directory.toString());
                WriteOptions unsynced = new WriteOptions()) {
            ingest(database, options, directory.resolveSibling("tables"), Integer.parseInt(arguments[1]));
            Files.writeString(directory.resolve("db_version"), "4");
            write(database, unsynced, noted);
        }
    }

    /** All tables in one edit, moved and not copied. */
    private static void ingest(RocksDB database, Options options, Path work, int files)
            throws IOException, RocksDBException {
        Files.createDirectories(work);
        List<String> paths = new ArrayList<>();
        try (EnvOptions environment = new EnvOptions();
                IngestExternalFileOptions moving = new IngestExternalFileOptions().setMoveFiles(true)) {
            for (int file = 0; file < files; file++) {
                Path path = work.resolve(file + ".sst");
                try (SstFileWriter writer = new SstFileWriter(environment, options)) {
                    writer.open(path.toString());
                    writer.put(String.format("k%09d", file).getBytes(UTF_8), new byte[100]);
                    writer.finish();
                }
                paths.add(path.toString());
            }
            database.ingestExternalFile(paths, moving);
        }
    }

    private static void write(RocksDB database, WriteOptions unsynced, MappedByteBuffer noted) throws RocksDBException {
        long round = 0;
        long longest = 0;
        long last = System.nanoTime();
        for (long batch = 1; ; batch++) {
            long began = System.nanoTime();
            database.put(unsynced, ("w" + batch % 1000).getBytes(UTF_8), new byte[100]);
            int bucket = LATENCIES + Long.BYTES * bucketOf(System.nanoTime() - began);
            noted.putLong(bucket, noted.getLong(bucket) + 1);
            LockSupport.parkNanos(1_000_000);
            long now = System.nanoTime();
            longest = Math.max(longest, now - last);
            last = now;
            long asked = noted.getLong(ROUND);
            if (asked != round) {
                round = asked;
                longest = 0;
                for (int each = 0; each < BUCKETS; each++) {
                    noted.putLong(LATENCIES + Long.BYTES * each, 0);
                }
            }
            noted.putLong(LONGEST, longest);
            noted.putLong(BATCHES, batch);
        }
    }

    private static int bucketOf(long nanos) {
        return Math.min(BUCKETS - 1, (int) (STEPS * Math.log((double) Math.max(1L, nanos)) / Math.log(2)));
    }

    /** The time within which this share of the batches was written since it was asked to begin anew, in ms. */
    public static double latency(MappedByteBuffer noted, double share) {
        long all = 0;
        for (int each = 0; each < BUCKETS; each++) {
            all += noted.getLong(LATENCIES + Long.BYTES * each);
        }
        long within = 0;
        for (int each = 0; each < BUCKETS; each++) {
            within += noted.getLong(LATENCIES + Long.BYTES * each);
            if ((double) within >= share * (double) all) {
                return Math.pow(2, (each + 1) / (double) STEPS) / 1e6;
            }
        }
        return Double.NaN;
    }

    /** Starts one. */
    public static Process start(Path store, int files, Path noted) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ManyFilesNode.class.getName(),
                        store.toString(),
                        Integer.toString(files),
                        noted.toString())
                .inheritIO()
                .start();
    }

    public static MappedByteBuffer map(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() < NOTED_BYTES) {
                channel.write(ByteBuffer.allocate(NOTED_BYTES), 0);
            }
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, NOTED_BYTES);
        }
    }
}
