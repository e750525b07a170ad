package caravan.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A store that is written as ParityDB writes: a record goes to a log with its checksum, is then carried out in place in
 * an index and tables through shared memory maps, these are synced, and then the log is emptied and used again. Run as a process it writes
 * for ever; {@link #faultIn} recovers a copy as the engine would, and says whether it is one moment.
 *
 * <p>Batch {@code n} sets row {@code n mod ROWS}, a run of words, in each file to {@code n}.
 */
public final class ParityShape {

    private static final int ROWS = 64;
    private static final int WORDS = 512;
    private static final int RECORD_BYTES = 1 + Long.BYTES + 1 + Integer.BYTES;
    private static final int ROW_BYTES = WORDS * Long.BYTES;
    private static final long INDEX_HEADER = 16 << 10;

    /** So large that all rows fit behind the header: 16 KiB and 512 bytes for each of 2^9 pages. */
    private static final List<String> FILES = List.of("index_00_09", "table_00_00", "table_00_01", "table_00_ff");

    private static final long FILE_BYTES = INDEX_HEADER + (512L << 9);

    private ParityShape() {}

    /** Writes for ever to the directory of the first argument, whose lock the caller has. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        List<MappedByteBuffer> files = new ArrayList<>();
        for (String name : FILES) {
            files.add(map(directory.resolve(name), FILE_BYTES));
        }
        Files.writeString(
                directory.resolve("metadata"),
                "version=8\nsalt=" + "0f".repeat(32) + "\n" + SampleDirectory.PARITYDB_COLUMN);
        MappedByteBuffer acknowledged = map(directory.resolveSibling("acknowledged"), Long.BYTES);
        try (FileChannel log =
                FileChannel.open(directory.resolve("log0"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (long n = acknowledged.getLong(0) + 1; ; n++) {
                log.write(record(n), 0);
                log.force(false);
                for (MappedByteBuffer file : files) {
                    set(file, n);
                }
                for (MappedByteBuffer file : files) {
                    file.force();
                }
                log.truncate(0);
                acknowledged.putLong(0, n);
            }
        }
    }

    /** The last batch that was carried out. */
    static long acknowledged(Path directory) throws IOException {
        Path file = directory.resolveSibling("acknowledged");
        return Files.exists(file) && Files.size(file) == Long.BYTES
                ? ByteBuffer.wrap(Files.readAllBytes(file)).getLong()
                : 0;
    }

    /** What is wrong with a copy after recovery; empty if it is one moment, not before batch {@code atLeast}. */
    static String faultIn(Path copy, long atLeast) throws IOException {
        if (!Files.readString(copy.resolve("metadata"), US_ASCII).contains("salt=")) {
            return "no metadata";
        }
        byte[] log = Files.exists(copy.resolve("log0")) ? Files.readAllBytes(copy.resolve("log0")) : new byte[0];
        long logged = batchIn(log);
        long head = logged;
        List<ByteBuffer> files = new ArrayList<>();
        for (String name : FILES) {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(copy.resolve(name)));
            if (file.capacity() != FILE_BYTES) {
                return name + " has " + file.capacity() + " bytes";
            }
            if (logged > 0) {
                set(file, logged);
            }
            for (int row = 0; row < ROWS; row++) {
                head = Math.max(head, file.getLong(offset(row)));
            }
            files.add(file);
        }
        for (int at = 0; at < FILES.size(); at++) {
            for (int row = 0; row < ROWS; row++) {
                long expected = lastFor(row, head);
                for (int word = 0; word < WORDS; word++) {
                    long found = files.get(at).getLong(offset(row) + word * Long.BYTES);
                    if (found != expected) {
                        return FILES.get(at) + ": row " + row + " is of batch " + found + ", and should be of "
                                + expected;
                    }
                }
            }
        }
        return head >= atLeast ? "" : "the last batch is " + head + ", and " + atLeast + " had been carried out";
    }

    private static long lastFor(int row, long head) {
        long last = head - Math.floorMod(head - row, (long) ROWS);
        return Math.max(last, 0);
    }

    private static void set(ByteBuffer file, long batch) {
        int begin = offset((int) (batch % ROWS));
        for (int word = 0; word < WORDS; word++) {
            file.putLong(begin + word * Long.BYTES, batch);
        }
    }

    private static int offset(int row) {
        return (int) INDEX_HEADER + row * ROW_BYTES;
    }

    /** A record as the engine writes it: its number between begin and end, and a checksum. */
    private static ByteBuffer record(long batch) {
        ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.put((byte) 1).putLong(batch).put((byte) 4);
        record.putInt((int) checksumOf(record)).flip();
        return record;
    }

    private static long batchIn(byte[] log) {
        if (log.length < RECORD_BYTES) {
            return 0;
        }
        ByteBuffer record = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
        return record.getInt(RECORD_BYTES - Integer.BYTES) == (int) checksumOf(record) ? record.getLong(1) : 0;
    }

    private static long checksumOf(ByteBuffer record) {
        CRC32 checksum = new CRC32();
        checksum.update(record.duplicate().position(0).limit(RECORD_BYTES - Integer.BYTES));
        return checksum.getValue();
    }

    private static MappedByteBuffer map(Path file, long bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
        }
    }
}
