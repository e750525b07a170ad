package caravan.publish;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes chunks as Zstandard frames into the work directory of their publication, since their size and hash must be known
 * before they are sent. The same bytes give the same frame, as long as level and library are the same. Safe for use by
 * many threads.
 */
final class FrameWriter {

    private static final Logger LOG = LoggerFactory.getLogger(FrameWriter.class);

    private static final int BUFFER_BYTES = 64 * 1024;

    /** What saves less is not worth the time of those who unpack it. */
    private static final double LARGEST_SHARE = 0.95;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private final ThreadLocal<ByteBuffer> buffers =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BUFFER_BYTES));

    private final int level;

    private final SliceReader reader;

    FrameWriter(int level, SliceReader reader) {
        this.level = level;
        this.reader = reader;
    }

    /** {@code plain} as a frame, or as it is if that saves too little. */
    NamedChunk pack(NamedChunk plain) throws CaravanException, InterruptedException {
        ChunkSlice slice = plain.slice();
        Path file = slice.publication().workFile("chunk-" + slice.index() + ".zst");
        try (FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
                Frame frame = new Frame(channel, file, slice.size())) {
            reader.read(slice, frame);
            if (frame.isWorthwhile()) {
                frame.finish();
            }
            if (frame.isWorthwhile()) {
                return plain.packed(frame.result(), file);
            }
            Files.delete(file);
            return plain;
        } catch (IOException e) {
            throw failure(file, e);
        }
    }

    /** Gives back the room of a frame that is stored; what cannot be removed now is swept by the next publication. */
    static void remove(Path frame) {
        try {
            Files.deleteIfExists(frame);
        } catch (IOException e) {
            LOG.debug("cannot remove {}", frame, e);
        }
    }

    private static CaravanException failure(Path file, IOException e) {
        return DiskFailures.of(
                "compressing a chunk into " + file,
                e,
                "free some space in caravan.state-directory: it holds a compressed chunk for each of"
                        + " caravan.upload.parallelism; run it again: what is stored is not sent again",
                "caravan.state-directory must be writable by this user");
    }

    /** One frame that is being written. */
    private final class Frame implements SliceReader.Taker, AutoCloseable {

        private final FileChannel channel;
        private final Path file;
        private final long mostBytes;
        private final MessageDigest digest = Digest.newMessageDigest();
        private final ZstdCompressCtx compressor = new ZstdCompressCtx();
        private final ByteBuffer out = buffers.get().clear();
        private long written;

        Frame(FileChannel channel, Path file, long size) {
            this.channel = channel;
            this.file = file;
            this.mostBytes = (long) (size * LARGEST_SHARE);
            compressor.setLevel(level).setContentSize(true).setChecksum(false);
            compressor.setPledgedSrcSize(size);
        }

        @Override
        public boolean take(ByteBuffer bytes) throws CaravanException {
            try {
                while (bytes.hasRemaining()) {
                    compressor.compressDirectByteBufferStream(out, bytes, EndDirective.CONTINUE);
                    drain();
                }
            } catch (IOException e) {
                throw failure(file, e);
            }
            return isWorthwhile();
        }

        void finish() throws IOException {
            boolean ended = false;
            while (!ended) {
                ended = compressor.compressDirectByteBufferStream(out, NOTHING.duplicate(), EndDirective.END);
                drain();
            }
        }

        boolean isWorthwhile() {
            return written <= mostBytes;
        }

        StoredAs.Zstandard result() {
            return new StoredAs.Zstandard(written, Digest.fromBytes(digest.digest()));
        }

        private void drain() throws IOException {
            out.flip();
            written += out.remaining();
            digest.update(out.duplicate());
            while (out.hasRemaining()) {
                channel.write(out);
            }
            out.clear();
        }

        @Override
        public void close() {
            compressor.close();
        }
    }
}
