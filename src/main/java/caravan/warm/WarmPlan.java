package caravan.warm;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Which objects are to be fetched, as a file with one slot of {@value #SLOT_BYTES} bytes for each, so that a plan of
 * millions takes no memory. The file has no name any more once it is open: it goes with the process, however that ends.
 *
 * <p>It is written by one thread with {@link #add}; then any number of threads may read it.
 */
public final class WarmPlan implements AutoCloseable {

    /** Digest of the chunk, form, size and digest of what is stored. */
    private static final int SLOT_BYTES = 2 * Digest.BYTES + 1 + Long.BYTES;

    private static final byte PLAIN = 0;

    private static final byte ZSTANDARD = 1;

    private static final int BUFFERED_SLOTS = 1024;

    private final FileChannel channel;

    private final ByteBuffer pending = ByteBuffer.allocate(BUFFERED_SLOTS * SLOT_BYTES);

    private DigestSet known = new DigestSet();

    private long written;

    private long size;

    private long bytes;

    private WarmPlan(FileChannel channel) {
        this.channel = channel;
    }

    /** An empty plan, kept in a file without a name on the file system of {@code directory}. */
    public static WarmPlan create(Path directory) throws IOException {
        Path file = directory.resolve("warm-" + UUID.randomUUID() + ".plan");
        return new WarmPlan(FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE));
    }

    /** Adds the object that holds {@code chunk}, unless it is there already. */
    public void add(ChunkRef chunk) throws IOException {
        if (!known.add(chunk.digest())) {
            return;
        }
        if (!pending.hasRemaining()) {
            flush();
        }
        pending.put(chunk.digest().bytes());
        if (chunk.storedAs() instanceof StoredAs.Zstandard frame) {
            pending.put(ZSTANDARD).putLong(frame.size()).put(frame.digest().bytes());
            bytes += frame.size();
        } else {
            pending.put(PLAIN).putLong(chunk.size()).put(chunk.digest().bytes());
            bytes += chunk.size();
        }
        size++;
    }

    /** Makes {@link #add} pass over {@code chunk}. */
    public void leaveOut(ChunkRef chunk) {
        known.add(chunk.digest());
    }

    /** Ends the writing. */
    public WarmPlan complete() throws IOException {
        flush();
        known = new DigestSet();
        return this;
    }

    /** How many objects there are. */
    public long size() {
        return size;
    }

    /** How long they are together. */
    public long bytes() {
        return bytes;
    }

    /** The object at {@code index}, from 0. */
    public WarmObject read(long index) throws IOException {
        return WarmObject.of(chunkAt(index));
    }

    /** Adds {@code count} of its objects to {@code other}, chosen evenly; not more than there are. */
    public void sample(WarmPlan other, long count, long seed) throws IOException {
        Shuffle order = new Shuffle(size, seed);
        for (long place = 0; place < Math.min(count, size); place++) {
            other.add(chunkAt(order.at(place)));
        }
    }

    /** Which chunks it has, as a test that goes on when the plan is closed; 8 to 22 bytes in memory for each. */
    public Predicate<Digest> membership() throws IOException {
        DigestSet chunks = new DigestSet();
        ByteBuffer slot = ByteBuffer.allocate(Digest.BYTES);
        for (long index = 0; index < size; index++) {
            slot.clear();
            readFully(slot, index);
            chunks.add(digestIn(slot.flip()));
        }
        return chunks::contains;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The chunk that the object at {@code index} holds; its size is that of the object. */
    ChunkRef chunkAt(long index) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES);
        readFully(slot, index);
        slot.flip();
        Digest chunk = digestIn(slot);
        byte form = slot.get();
        long stored = slot.getLong();
        StoredAs storedAs = form == ZSTANDARD ? new StoredAs.Zstandard(stored, digestIn(slot)) : StoredAs.PLAIN;
        return new ChunkRef(chunk, stored, storedAs);
    }

    private void readFully(ByteBuffer slot, long index) throws IOException {
        while (slot.hasRemaining()) {
            if (channel.read(slot, index * SLOT_BYTES + slot.position()) < 0) {
                throw new IndexOutOfBoundsException("object " + index + " of " + size);
            }
        }
    }

    private void flush() throws IOException {
        pending.flip();
        while (pending.hasRemaining()) {
            written += channel.write(pending, written);
        }
        pending.clear();
    }

    private static Digest digestIn(ByteBuffer slot) {
        byte[] bytes = new byte[Digest.BYTES];
        slot.get(bytes);
        return Digest.fromBytes(bytes);
    }
}
