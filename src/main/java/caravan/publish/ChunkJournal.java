package caravan.publish;

import caravan.failure.FailedException;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Which digest each chunk of a publication has, and in which form it is stored, once the store has acknowledged it: a file
 * with one slot of {@value #SLOT_BYTES} bytes per chunk in the manifest's order, so that a manifest of any length is written
 * without holding it in memory. A slot is the digest, size and digest of the frame (zeros if it is stored as it is), and
 * the CRC-32C of index and all that; an empty slot is zeros.
 *
 * <p>Chunks may be entered in any order and by many threads. It belongs to one run and is worthless after it.
 */
final class ChunkJournal implements AutoCloseable {

    private static final int CONTENT_BYTES = Digest.BYTES + Long.BYTES + Digest.BYTES;

    private static final int SLOT_BYTES = CONTENT_BYTES + Integer.BYTES;

    private final Path file;

    private final FileChannel channel;

    private ChunkJournal(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static ChunkJournal create(Path file) throws IOException {
        return new ChunkJournal(
                file,
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE));
    }

    /** Enters that the chunk at {@code index} is stored. */
    void enter(long index, JournaledChunk chunk) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES).put(chunk.digest().bytes());
        if (chunk.storedAs() instanceof StoredAs.Zstandard frame) {
            slot.putLong(frame.size()).put(frame.digest().bytes());
        }
        slot.position(CONTENT_BYTES).putInt(checkOf(index, slot));
        slot.flip();
        long at = index * SLOT_BYTES;
        while (slot.hasRemaining()) {
            at += channel.write(slot, at);
        }
    }

    /**
     * The chunk at {@code index}.
     *
     * @throws FailedException if it was never entered or the file was damaged
     */
    JournaledChunk read(long index) throws IOException, FailedException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
        long at = index * SLOT_BYTES;
        while (slot.hasRemaining()) {
            int count = channel.read(slot, at + slot.position());
            if (count < 0) {
                throw missing(index);
            }
        }
        slot.flip();
        if (slot.getInt(CONTENT_BYTES) != checkOf(index, slot)) {
            throw missing(index);
        }
        Digest digest = digestIn(slot);
        long frameSize = slot.getLong();
        return new JournaledChunk(
                digest, frameSize == 0 ? StoredAs.PLAIN : new StoredAs.Zstandard(frameSize, digestIn(slot)));
    }

    private static Digest digestIn(ByteBuffer slot) {
        byte[] bytes = new byte[Digest.BYTES];
        slot.get(bytes);
        return Digest.fromBytes(bytes);
    }

    /** For messages. */
    Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private FailedException missing(long index) {
        return new FailedException(
                "chunk " + index + " was never acknowledged according to the journal " + file,
                "the state directory may be damaged; run the publication again");
    }

    private static int checkOf(long index, ByteBuffer slot) {
        CRC32C check = new CRC32C();
        check.update(ByteBuffer.allocate(Long.BYTES).putLong(0, index));
        check.update(slot.duplicate().position(0).limit(CONTENT_BYTES));
        return (int) check.getValue();
    }
}
