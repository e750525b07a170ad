package caravan.publish;

import caravan.failure.CaravanException;
import caravan.pace.RateLimit;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.util.List;

/**
 * In which form a chunk is stored that no published snapshot has: as it is, or as a Zstandard frame where that makes it
 * smaller. One that is stored in a form stays in it, whatever is set since. Safe for use by many threads.
 */
public final class ChunkPacking {

    /** As they are, and those that were compressed before are stored once more: files are put together of them. */
    public static final ChunkPacking PLAIN_ONLY = new ChunkPacking(List.of(), false);

    /** As they are. */
    public static final ChunkPacking NONE = new ChunkPacking(List.of(), true);

    private final List<FrameWriter> writer;

    private final boolean takesFrames;

    private ChunkPacking(List<FrameWriter> writer, boolean takesFrames) {
        this.writer = writer;
        this.takesFrames = takesFrames;
    }

    /**
     * Compressed, if that saves a twentieth.
     *
     * @param level of Zstandard, from 1 to 19, whose frames every decoder can read (RFC 8878, 3.1.1.1.2)
     * @param readRate of the capture, shared with all else that reads from it
     */
    public static ChunkPacking zstandard(int level, RateLimit readRate) {
        return new ChunkPacking(List.of(new FrameWriter(level, new SliceReader(readRate))), true);
    }

    /** Whether a chunk that is stored in this form counts as stored. */
    boolean takes(StoredAs form) {
        return takesFrames || form.equals(StoredAs.PLAIN);
    }

    /** A chunk of which the store is not known to have anything, in the form in which it would be sent. */
    NamedChunk pack(ChunkSlice slice, Digest digest) throws CaravanException, InterruptedException {
        NamedChunk plain = NamedChunk.plain(slice, digest, NamedChunk.State.UNKNOWN);
        return writer.isEmpty() ? plain : writer.get(0).pack(plain);
    }
}
