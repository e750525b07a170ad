package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.pace.RateLimit;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.restore.source.Retries;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;

/**
 * Fetches a chunk and hands on its content while it arrives; returns only if size and hash are right. Nothing of a
 * chunk is held but one buffer.
 *
 * <p>Safe for use by many threads, each with its own scratch.
 */
final class ChunkFetcher {

    /** 8 MiB, the window that every decoder should have (RFC 8878, 3.1.1.1.2). */
    private static final int LARGEST_WINDOW_LOG = 23;

    private final ObjectSource source;
    private final Retries retries;
    private final RateLimit rate;
    private final Progress progress;
    private final FetchGate gate;

    /**
     * A way to the chunks of one source.
     *
     * @param parallel most to be under way at a time
     */
    ChunkFetcher(ObjectSource source, Retries retries, RateLimit rate, Progress progress, int parallel) {
        this.gate = new FetchGate(parallel, System::nanoTime, progress::arrivedBytes);
        this.source = requireNonNull(source, "source");
        this.retries = requireNonNull(retries, "retries");
        this.rate = requireNonNull(rate, "rate");
        this.progress = requireNonNull(progress, "progress");
    }

    /** Takes the content of a chunk; after a failed attempt it begins again at 0. */
    @FunctionalInterface
    interface Sink {

        /** Takes {@code length} bytes of {@code buffer}, which are those from {@code at} on within the chunk. */
        void write(long at, byte[] buffer, int length) throws CaravanException;
    }

    /** Where the chunk is, for people. */
    String locate(ChunkRef chunk) {
        return source.locate(pathOf(chunk));
    }

    /** Bytes of the chunk as it should be stored. */
    static long storedSize(ChunkRef chunk) {
        return chunk.storedAs() instanceof StoredAs.Zstandard frame ? frame.size() : chunk.size();
    }

    /**
     * Fetches {@code chunk} into {@code sink}.
     *
     * @throws DamagedException if what comes back is never what its name says
     */
    void fetch(ChunkRef chunk, Sink sink, Scratch scratch) throws CaravanException, InterruptedException {
        gate.enter();
        try {
            fetchInTurn(chunk, sink, scratch);
        } finally {
            gate.leave();
        }
    }

    private void fetchInTurn(ChunkRef chunk, Sink sink, Scratch scratch) throws CaravanException, InterruptedException {
        retries.run(bypass -> {
            ObjectRequest request =
                    ObjectRequest.exactly(pathOf(chunk), storedSize(chunk)).bypassingCaches(bypass);
            try (ObjectStream stream = source.open(request)) {
                stream.meteredBy(progress::arrived);
                if (chunk.storedAs() instanceof StoredAs.Zstandard frame) {
                    unpack(chunk, frame, stream, sink, scratch);
                } else {
                    copy(chunk, stream, stream, sink, scratch);
                }
                return null;
            } catch (AttemptFailure e) {
                if (e.kind() == AttemptFailure.Kind.UNAVAILABLE) {
                    gate.pushBack();
                }
                throw e.about(request.path());
            }
        });
    }

    private void unpack(ChunkRef chunk, StoredAs.Zstandard frame, ObjectStream stream, Sink sink, Scratch scratch)
            throws AttemptFailure, CaravanException {
        DigestingStream stored = new DigestingStream(stream, scratch.frameDigest());
        try (ZstdInputStreamNoFinalizer plain = new ZstdInputStreamNoFinalizer(stored)) {
            plain.setLongMax(LARGEST_WINDOW_LOG);
            copy(chunk, plain, stream, sink, scratch);
            stored.readToEnd(scratch.buffer());
        } catch (AttemptFailure e) {
            throw e;
        } catch (IOException e) {
            throw stream.damaged("cannot be decompressed: " + e.getMessage());
        }
        requireDigest(stored.digest(), frame.digest(), stream);
    }

    private void copy(ChunkRef chunk, InputStream content, ObjectStream stream, Sink sink, Scratch scratch)
            throws AttemptFailure, CaravanException {
        MessageDigest digest = scratch.plainDigest();
        byte[] buffer = scratch.buffer();
        long at = 0;
        for (int count = fill(content, stream, buffer); count > 0; count = fill(content, stream, buffer)) {
            if (count > chunk.size() - at) {
                throw stream.damaged("holds more than the " + chunk.size() + " bytes of its chunk");
            }
            digest.update(buffer, 0, count);
            sink.write(at, buffer, count);
            at += count;
            brake(count);
        }
        if (at != chunk.size()) {
            throw stream.damaged("holds " + at + " bytes, its chunk has " + chunk.size());
        }
        requireDigest(Digest.fromBytes(digest.digest()), chunk.digest(), stream);
    }

    private static int fill(InputStream content, ObjectStream stream, byte[] buffer) throws AttemptFailure {
        try {
            return content.readNBytes(buffer, 0, buffer.length);
        } catch (AttemptFailure e) {
            throw e;
        } catch (IOException e) {
            throw stream.damaged("cannot be decompressed: " + e.getMessage());
        }
    }

    private void brake(int count) throws AttemptFailure {
        try {
            rate.take(count);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AttemptFailure(
                    AttemptFailure.Kind.FINAL, "interrupted", "", new InterruptedIOException("interrupted"));
        }
    }

    private static void requireDigest(Digest got, Digest expected, ObjectStream stream) throws AttemptFailure {
        if (!got.equals(expected)) {
            throw stream.damaged("does not match its name: the bytes hash to " + got + ", expected " + expected);
        }
    }

    private static String pathOf(ChunkRef chunk) {
        return BucketPaths.chunk(chunk.digest(), chunk.storedAs());
    }

    /** Hashes what is read through it. */
    private static final class DigestingStream extends FilterInputStream {

        private final MessageDigest digest;

        DigestingStream(InputStream in, MessageDigest digest) {
            super(in);
            this.digest = digest;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            if (value >= 0) {
                digest.update((byte) value);
            }
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = in.read(buffer, offset, length);
            if (count > 0) {
                digest.update(buffer, offset, count);
            }
            return count;
        }

        void readToEnd(byte[] buffer) throws IOException {
            int count = 0;
            while (count >= 0) {
                count = read(buffer, 0, buffer.length);
            }
        }

        Digest digest() {
            return Digest.fromBytes(digest.digest());
        }

        /** The object stream belongs to who opened it. */
        @Override
        public void close() {
            // see above
        }
    }
}
