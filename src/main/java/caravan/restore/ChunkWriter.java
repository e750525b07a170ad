package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * Writes one chunk to its place in a file. Where nothing was written before, zeros are left out: there they are what a
 * reader gets in any case, and take no room on the disk. For one thread.
 */
final class ChunkWriter implements ChunkFetcher.Sink {

    private static final byte[] ZEROS = new byte[1 << 16];

    private final FileChannel file;
    private final long offset;
    private final String what;
    private boolean untouched;
    private boolean begun;

    /**
     * For the chunk from {@code offset} on.
     *
     * @param untouched whether nothing was ever written there
     * @param what for messages
     */
    ChunkWriter(FileChannel file, long offset, boolean untouched, String what) {
        this.file = file;
        this.offset = offset;
        this.untouched = untouched;
        this.what = what;
    }

    @Override
    public void write(long at, byte[] buffer, int length) throws CaravanException {
        untouched &= at > 0 || !begun; // a second attempt: the first one left something
        begun = true;
        if (untouched && isZero(buffer, length)) {
            return;
        }
        write(at, ByteBuffer.wrap(buffer, 0, length));
    }

    /** All {@code size} bytes of the chunk were given: the file reaches to its end. */
    void finish(long size) throws CaravanException {
        try {
            if (untouched && file.size() < offset + size) {
                write(size - 1, ByteBuffer.allocate(1));
            }
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private void write(long at, ByteBuffer bytes) throws CaravanException {
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes, offset + at + bytes.position());
            }
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private static boolean isZero(byte[] buffer, int length) {
        for (int from = 0; from < length; from += ZEROS.length) {
            int count = Math.min(ZEROS.length, length - from);
            if (!Arrays.equals(buffer, from, from + count, ZEROS, 0, count)) {
                return false;
            }
        }
        return true;
    }
}
