package caravan.retain;

import caravan.failure.CaravanException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.UUID;

/**
 * The chunks of a listing, in a file, since there may be millions of them. Not thread safe: all are added, then it is
 * gone through as often as one likes.
 */
final class ListedChunks implements AutoCloseable {

    private static final String COMPRESSED = ".zst";

    private final FileChannel file;

    private final DataOutputStream out;

    private long count;

    private long bytes;

    private ListedChunks(FileChannel file) {
        this.file = file;
        this.out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file)));
    }

    /**
     * One stored chunk.
     *
     * @param digest of its content
     * @param key of the object
     * @param size bytes that are stored
     */
    record Chunk(Digest digest, String key, long size, Instant storedAt) {}

    /** Looks at one chunk. */
    @FunctionalInterface
    interface Look {
        void at(Chunk chunk) throws CaravanException, IOException;
    }

    /** A list in a file of {@code directory} that is gone when this is closed, or its process is. */
    static ListedChunks in(Path directory) throws IOException {
        Path file = directory.resolve("chunks-" + UUID.randomUUID());
        return new ListedChunks(FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE));
    }

    void add(Chunk chunk) throws IOException {
        out.write(chunk.digest().bytes());
        out.writeBoolean(chunk.key().endsWith(COMPRESSED));
        out.writeLong(chunk.size());
        out.writeLong(chunk.storedAt().toEpochMilli());
        count++;
        bytes += chunk.size();
    }

    long count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    void each(Look look) throws CaravanException, IOException {
        out.flush();
        file.position(0);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file)));
        byte[] digest = new byte[Digest.BYTES];
        for (long at = 0; at < count; at++) {
            in.readFully(digest);
            Digest name = Digest.fromBytes(digest);
            boolean compressed = in.readBoolean();
            String plain = BucketPaths.chunk(name, StoredAs.PLAIN);
            look.at(new Chunk(
                    name, compressed ? plain + COMPRESSED : plain, in.readLong(), Instant.ofEpochMilli(in.readLong())));
        }
        file.position(file.size());
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
