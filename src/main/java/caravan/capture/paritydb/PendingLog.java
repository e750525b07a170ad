package caravan.capture.paritydb;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A log that an opening would carry out: records in a row, each with its number and a CRC-32 of its bytes.
 *
 * @param name of the file
 * @param first number of its first record
 * @param next number after that of its last whole record
 * @param torn bytes at its end, from the beginning of a record on that is not there whole; 0 if it ends with a whole
 *     one
 * @param wrong what is wrong with that record, if not only its end is missing; else empty
 */
record PendingLog(String name, long first, long next, long torn, String wrong) {

    private static final int BEGIN = 1;

    private static final int INSERT_INDEX = 2;

    private static final int INSERT_VALUE = 3;

    private static final int END = 4;

    private static final int DROP_INDEX = 5;

    private static final int INSERT_COUNT = 6;

    private static final int DROP_COUNTS = 7;

    private static final int BEGIN_BYTES = 1 + Long.BYTES;

    private static final int INDEX_ENTRY_BYTES = 8;

    private static final int COUNT_ENTRY_BYTES = 16;

    private static final int HEAD_BYTES = 16;

    /**
     * Reads a log.
     *
     * @return none if it is empty, or shorter than the beginning of a record, which the engine takes for empty
     * @throws NotWholeException if it does not begin with a record, or if one is missing before a whole one
     */
    static Optional<PendingLog> read(Path file, Metadata metadata) throws IOException, NotWholeException {
        long size = Files.size(file);
        if (size < BEGIN_BYTES) {
            return Optional.empty();
        }
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return Optional.of(new Reader(file, size, in, metadata).read());
        }
    }

    /** One pass. */
    private static final class Reader {

        private final Path file;

        private final String name;

        private final long size;

        private final InputStream in;

        private final Metadata metadata;

        private final CRC32 checksum = new CRC32();

        private final byte[] buffer = new byte[Tier.entryBytes(Tier.OF_PARTS - 1) + Long.BYTES];

        private long at;

        Reader(Path file, long size, InputStream in, Metadata metadata) {
            this.file = file;
            this.name = file.getFileName().toString();
            this.size = size;
            this.in = in;
            this.metadata = metadata;
        }

        PendingLog read() throws IOException, NotWholeException {
            long first = -1;
            long next = -1;
            long begin = 0;
            boolean gapped = false;
            try {
                while (at < size) {
                    begin = at;
                    checksum.reset();
                    if (take(1) != BEGIN) {
                        throw wrong("no record begins");
                    }
                    long number = take(Long.BYTES);
                    if (first < 0) {
                        first = number;
                        next = number;
                    }
                    NotWholeException gap = wrong("record " + number + " follows record " + (next - 1));
                    takeActions();
                    if (number != next) {
                        gapped = true;
                        throw gap;
                    }
                    next++;
                }
                return new PendingLog(name, first, next, 0, "");
            } catch (EOFException e) {
                return new PendingLog(name, first, next, size - begin, "");
            } catch (NotWholeException e) {
                // A record that is whole was written as it is, so one before it is lost.
                if (first < 0 || gapped) {
                    throw e;
                }
                return new PendingLog(name, first, next, size - begin, isZeroFrom(begin) ? "" : e.getMessage());
            }
        }

        private void takeActions() throws IOException, NotWholeException {
            while (true) {
                int action = (int) take(1);
                switch (action) {
                    case INSERT_INDEX -> takeChunk(true);
                    case INSERT_COUNT -> takeChunk(false);
                    case INSERT_VALUE -> takeValue();
                    case DROP_INDEX, DROP_COUNTS -> takeTable();
                    case END -> {
                        long found = checksum.getValue();
                        if (take(Integer.BYTES) != found) {
                            throw wrong("the checksum of a record is not right");
                        }
                        return;
                    }
                    default -> throw wrong("nobody knows the action " + action);
                }
            }
        }

        /** Some entries of a chunk of an index, or of a table of counts. */
        private void takeChunk(boolean ofIndex) throws IOException, NotWholeException {
            int bits = takeTable();
            long chunk = take(Long.BYTES);
            if (bits >= Long.SIZE - 1 || chunk < 0 || chunk >= 1L << bits) {
                throw wrong("a table of " + bits + " bits has no chunk " + Long.toUnsignedString(chunk));
            }
            int entries = Long.bitCount(take(Long.BYTES));
            skip(entries * (ofIndex ? INDEX_ENTRY_BYTES : COUNT_ENTRY_BYTES));
        }

        private void takeValue() throws IOException, NotWholeException {
            int tier = takeTable();
            int entryBytes = Tier.entryBytes(tier);
            if (take(Long.BYTES) == 0) {
                skip(HEAD_BYTES);
                return;
            }
            int mark = (int) take(Short.BYTES);
            if (mark == 0xFFFF) {
                skip(Long.BYTES);
            } else if (tier == Tier.OF_PARTS && isPart(mark)) {
                skip(entryBytes - Short.BYTES);
            } else {
                int length = mark & 0x7FFF;
                if (Short.BYTES + length > entryBytes) {
                    throw wrong("a value of " + length + " bytes is for entries of " + entryBytes);
                }
                skip(length);
            }
        }

        private boolean isPart(int mark) {
            boolean now = mark == 0xFFFE || mark == 0xFFFD || mark == 0x7FFD;
            boolean before = metadata.version() <= 4 && (mark == 0xFEFF || mark == 0xFDFF);
            return now || before;
        }

        /** Takes the name of a table: the column, and the bits of an index or the tier, which is returned. */
        private int takeTable() throws IOException, NotWholeException {
            int table = (int) take(Short.BYTES);
            if ((table >> 8) >= metadata.columns().size()) {
                throw wrong("there is no column " + (table >> 8));
            }
            return table & 0xFF;
        }

        private long take(int bytes) throws IOException {
            fill(bytes);
            long value = 0;
            for (int each = bytes - 1; each >= 0; each--) {
                value = (value << 8) | (buffer[each] & 0xFF);
            }
            return value;
        }

        private void skip(int bytes) throws IOException {
            fill(bytes);
        }

        private void fill(int bytes) throws IOException {
            int count = in.readNBytes(buffer, 0, bytes);
            at += count;
            if (count < bytes) {
                throw new EOFException();
            }
            checksum.update(buffer, 0, bytes);
        }

        /** Whether the rest has a length and was never written, as after a crash. */
        private boolean isZeroFrom(long begin) throws IOException {
            try (InputStream rest = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
                rest.skipNBytes(begin);
                for (int value = rest.read(); value >= 0; value = rest.read()) {
                    if (value != 0) {
                        return false;
                    }
                }
                return true;
            }
        }

        private NotWholeException wrong(String what) {
            return new NotWholeException(name + " is damaged before byte " + at + ": " + what);
        }
    }
}
