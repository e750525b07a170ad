package caravan.publish;

import caravan.capture.CapturedFile;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Finds the name of a chunk: the SHA-256 of its bytes, read from the capture unless the same state of the file was
 * hashed before. Safe for use by many threads.
 */
public final class ChunkNaming {

    /** Small enough that what was read is still in the core's cache when it is hashed. */
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ThreadLocal<ByteBuffer> buffers =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    private final RateLimit readRate;

    /** Reads no faster than {@code readRate} allows. */
    public ChunkNaming(RateLimit readRate) {
        this.readRate = readRate;
    }

    /**
     * Names one chunk and says whether the store is known to have it. Called by route {@code upload-chunk}.
     *
     * @throws FailedException if the captured file cannot be read, or is shorter than it was when it was captured
     */
    public NamedChunk name(ChunkSlice slice) throws CaravanException, InterruptedException {
        Digest digest = digestOf(slice);
        return new NamedChunk(
                slice,
                digest,
                slice.publication().stored().isKnown(digest) ? NamedChunk.State.REUSED : NamedChunk.State.UNKNOWN);
    }

    private Digest digestOf(ChunkSlice slice) throws CaravanException, InterruptedException {
        CapturedFile file = slice.file();
        Publication publication = slice.publication();
        if (file.writeOnce()) {
            Optional<List<Digest>> known = publication
                    .state()
                    .hashes()
                    .find(
                            file.source(),
                            publication.held().stores().cutRuleOf(file.path()).chunkSize());
            if (known.isPresent() && slice.part() < known.get().size()) {
                return known.get().get(slice.part());
            }
        }
        publication.report().read(slice.size());
        publication
                .held()
                .ledger()
                .isRead(slice.fileIndex(), publication.state().now());
        return read(slice);
    }

    private Digest read(ChunkSlice slice) throws FailedException, InterruptedException {
        MessageDigest digest = Digest.newMessageDigest();
        ByteBuffer buffer = buffers.get();
        long at = slice.offset();
        long end = slice.offset() + slice.size();
        try (FileChannel channel = FileChannel.open(slice.file().staged(), StandardOpenOption.READ)) {
            while (at < end) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
                readRate.take(buffer.limit());
                int count = channel.read(buffer, at);
                if (count < 0) {
                    throw new FailedException(
                            "reading " + slice.where() + " from the capture: it ends at " + at,
                            "a captured file never shrinks; check the file system and publish again");
                }
                digest.update(buffer.flip());
                at += count;
            }
        } catch (IOException e) {
            throw new FailedException(
                    "cannot read " + slice.where() + " from the capture: " + e,
                    "check the disk and the file system's log, then publish again",
                    e);
        }
        return Digest.fromBytes(digest.digest());
    }
}
