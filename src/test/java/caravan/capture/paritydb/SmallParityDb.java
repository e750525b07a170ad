package caravan.capture.paritydb;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Files as ParityDB 0.5 writes them (format 8): column 0 is a hash table, column 1 a tree, column 2 keeps trees with
 * counts. Numbers are little endian.
 */
final class SmallParityDb {

    static final String COLUMN = "preimage: false, uniform: false, refc: false, compression: 0, ordered: ";

    private static final int TABLE_BYTES = 256 << 10;

    private SmallParityDb() {}

    /** A database that was closed: nothing is left to be carried out. */
    static Path closed(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("metadata"),
                String.join(
                        "\n",
                        "version=8",
                        "salt=" + "a5".repeat(32),
                        "col0=" + COLUMN + "false, multitree: false",
                        "col1=" + COLUMN + "true, multitree: false",
                        "col2=" + COLUMN + "false, multitree: true"),
                US_ASCII);
        sparse(directory.resolve("index_00_16"), (16 << 10) + (512L << 16));
        sparse(directory.resolve("refcount_02_16"), 512L << 16);
        table(directory.resolve("table_00_00"), 32, 3, 9, 3, 5, 5, 0);
        table(directory.resolve("table_00_0a"), 42, 0, 4);
        table(directory.resolve("table_01_ff"), 4096, 0, 2);
        table(directory.resolve("table_02_01"), 33, 0, 1 << 20);
        Files.createFile(directory.resolve("table_00_fe"));
        Files.createFile(directory.resolve("lock"));
        return directory;
    }

    /** The same, killed while records 41 to 45 were to be carried out, in two logs and an empty one of the pool. */
    static Path killed(Path directory) throws IOException {
        closed(directory);
        Files.write(directory.resolve("log7"), log(41, 3));
        Files.write(directory.resolve("log2"), log(44, 2));
        Files.createFile(directory.resolve("log0"));
        return directory;
    }

    /** Records with all kinds of actions, from number {@code first} on. */
    static byte[] log(long first, int records) {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        for (long number = first; number < first + records; number++) {
            log.writeBytes(record(number));
        }
        return log.toByteArray();
    }

    static byte[] record(long number) {
        ByteBuffer actions = bytes(16 << 10);
        actions.put((byte) 1).putLong(number);
        // Two entries of chunk 77 of the index.
        actions.put((byte) 2)
                .putShort(table(0, 16))
                .putLong(77)
                .putLong(0b101)
                .putLong(number)
                .putLong(-1);
        // A value, a free entry, the head of the table.
        actions.put((byte) 3)
                .putShort(table(0, 0))
                .putLong(6)
                .putShort((short) 30)
                .put(new byte[30]);
        actions.put((byte) 3)
                .putShort(table(0, 0))
                .putLong(7)
                .putShort((short) -1)
                .putLong(3);
        actions.put((byte) 3).putShort(table(0, 0)).putLong(0).putLong(7).putLong(9);
        // A compressed value, a part of a large one, its last part.
        actions.put((byte) 3)
                .putShort(table(0, 10))
                .putLong(2)
                .putShort((short) (0x8000 | 40))
                .put(new byte[40]);
        actions.put((byte) 3)
                .putShort(table(1, 255))
                .putLong(1)
                .putShort((short) 0xFFFE)
                .put(new byte[4094]);
        actions.put((byte) 3)
                .putShort(table(1, 255))
                .putLong(2)
                .putShort((short) 5)
                .put(new byte[5]);
        // A count, and tables that are dropped.
        actions.put((byte) 6)
                .putShort(table(2, 16))
                .putLong(5)
                .putLong(1)
                .putLong(number)
                .putLong(2);
        actions.put((byte) 5).putShort(table(0, 15)).put((byte) 7).putShort(table(2, 15));
        return closed(actions.put((byte) 4));
    }

    /** A record of one value. */
    static byte[] recordOf(long number, int column, int tier, int length) {
        ByteBuffer actions = bytes(40 << 10);
        actions.put((byte) 1).putLong(number);
        actions.put((byte) 3)
                .putShort(table(column, tier))
                .putLong(1)
                .putShort((short) length)
                .put(new byte[length]);
        return closed(actions.put((byte) 4));
    }

    private static byte[] closed(ByteBuffer actions) {
        CRC32 checksum = new CRC32();
        checksum.update(actions.duplicate().flip());
        actions.putInt((int) checksum.getValue()).flip();
        byte[] record = new byte[actions.remaining()];
        actions.get(record);
        return record;
    }

    /** @param free entries of the free list, each followed by the next */
    private static void table(Path file, int entryBytes, long firstFree, long filled, long... free) throws IOException {
        ByteBuffer table = bytes(TABLE_BYTES).putLong(0, firstFree).putLong(8, filled);
        for (int at = 0; at < free.length; at += 2) {
            int offset = (int) free[at] * entryBytes;
            table.putShort(offset, (short) -1).putLong(offset + 2, free[at + 1]);
        }
        byte[] written = new byte[TABLE_BYTES];
        table.get(written);
        Files.write(file, written);
    }

    private static short table(int column, int low) {
        return (short) ((column << 8) | low);
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void sparse(Path file, long size) throws IOException {
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(size);
        }
    }
}
