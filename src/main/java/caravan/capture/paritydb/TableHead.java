package caravan.capture.paritydb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Entry 0 of a table file: how far the table is filled, and where the list of its free entries begins.
 *
 * <p>A table is written in place, and while a log is being carried out its files are between two states. So most of
 * this can be checked only when no log is left to be carried out.
 */
final class TableHead {

    private static final int HEAD_BYTES = 16;

    private static final int FREE = 0xFFFF;

    /** Of a long list that is as far as it is followed. */
    private static final int MOST_STEPS = 1000;

    private final String name;

    private final FileChannel file;

    private final int entryBytes;

    private TableHead(String name, FileChannel file, int entryBytes) {
        this.name = name;
        this.file = file;
        this.entryBytes = entryBytes;
    }

    /**
     * Checks a table.
     *
     * @param settled whether no log is left, and the column counts what is written alone
     */
    static void check(Path table, int tier, boolean settled) throws IOException, NotWholeException {
        String name = table.getFileName().toString();
        try (FileChannel file = FileChannel.open(table, StandardOpenOption.READ)) {
            if (file.size() > 0) {
                new TableHead(name, file, Tier.entryBytes(tier)).check(settled);
            }
        }
    }

    private void check(boolean settled) throws IOException, NotWholeException {
        long size = file.size();
        if (size < HEAD_BYTES) {
            throw new NotWholeException(name + " has " + size + " bytes, too few for a table");
        }
        ByteBuffer head = read(0, HEAD_BYTES);
        long firstFree = head.getLong();
        long told = head.getLong();
        long filled = told == 0 ? 1 : told;
        // The engine itself opens no table for which this does not hold.
        if (Long.compareUnsigned(firstFree, filled) >= 0) {
            throw new NotWholeException(name + " says that entry " + Long.toUnsignedString(firstFree)
                    + " is free, and that it has " + Long.toUnsignedString(filled) + " entries");
        }
        if (settled) {
            if (filled < 0 || filled > size / entryBytes) {
                throw new NotWholeException(name + " says that it has " + Long.toUnsignedString(filled) + " entries of "
                        + entryBytes + " bytes, and has " + size + " bytes");
            }
            follow(firstFree, filled);
        }
    }

    private void follow(long firstFree, long filled) throws IOException, NotWholeException {
        long steps = 0;
        for (long at = firstFree; at != 0 && steps < MOST_STEPS; steps++) {
            ByteBuffer entry = read(at * entryBytes, Short.BYTES + Long.BYTES);
            if (Short.toUnsignedInt(entry.getShort()) != FREE) {
                throw new NotWholeException(
                        name + " has entry " + at + " in the list of its free ones, and it is in use");
            }
            long next = entry.getLong();
            if (Long.compareUnsigned(next, filled) >= 0 || steps >= filled) {
                throw new NotWholeException(name + " has a list of free entries that leads nowhere, after entry " + at);
            }
            at = next;
        }
    }

    private ByteBuffer read(long offset, int length) throws IOException, NotWholeException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, offset + bytes.position()) < 0) {
                throw new NotWholeException(name + " ends within the entry at " + offset);
            }
        }
        return bytes.flip();
    }
}
