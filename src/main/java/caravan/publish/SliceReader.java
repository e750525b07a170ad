package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** Reads the bytes of slices from a capture, no faster than a rate. Safe for use by many threads. */
final class SliceReader {

    /** Small enough that what was read is still in the core's cache when it is worked on. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ThreadLocal<ByteBuffer> buffers =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    private final RateLimit rate;

    SliceReader(RateLimit rate) {
        this.rate = rate;
    }

    /** Takes bytes in their order. */
    @FunctionalInterface
    interface Taker {

        /**
         * Takes all that remains in {@code bytes}, a direct buffer that is filled again afterwards.
         *
         * @return whether it wants to have more
         */
        boolean take(ByteBuffer bytes) throws CaravanException;
    }

    /**
     * Hands the bytes of {@code slice} to {@code taker}, until it has enough.
     *
     * @throws FailedException if the captured file cannot be read, or is shorter than it was when it was captured
     */
    void read(ChunkSlice slice, Taker taker) throws CaravanException, InterruptedException {
        ByteBuffer buffer = buffers.get();
        long at = slice.offset();
        long end = slice.offset() + slice.size();
        boolean goesOn = true;
        try (FileChannel channel = FileChannel.open(slice.file().staged(), StandardOpenOption.READ)) {
            while (goesOn && at < end) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                rate.take(buffer.limit());
                int count = channel.read(buffer, at);
                if (count < 0) {
                    throw new FailedException(
                            "reading " + slice.where() + " from the capture: it ends at " + at,
                            "a captured file never shrinks; check the file system and publish again");
                }
                goesOn = taker.take(buffer.flip());
                at += count;
            }
        } catch (IOException e) {
            throw new FailedException(
                    "cannot read " + slice.where() + " from the capture: " + e,
                    "check the disk and the file system's log, then publish again",
                    e);
        }
    }
}
