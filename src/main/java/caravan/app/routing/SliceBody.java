package caravan.app.routing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.camel.Exchange;
import org.apache.camel.StreamCache;

/**
 * A run of bytes of a file as a message body that can be read again and again.
 *
 * <p>Being a {@link StreamCache} of known length, it is neither copied into memory by Camel's stream caching nor by the
 * S3 endpoint, and a redelivery begins at its first byte. The file is opened at the first read and closed at the last;
 * one thread at a time.
 */
final class SliceBody extends InputStream implements StreamCache {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final Path file;

    private final long start;

    private final long end;

    private long position;

    private long mark;

    private FileChannel channel;

    /** Bytes from {@link #position} on that were read already. */
    private ByteBuffer ahead = ByteBuffer.allocate(0);

    SliceBody(Path file, long offset, long size) {
        this.file = file;
        this.start = offset;
        this.end = offset + size;
        this.position = offset;
        this.mark = offset;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position >= end) {
            close();
            return -1;
        }
        if (!ahead.hasRemaining()) {
            if (length >= BUFFER_BYTES) {
                int count = readFile(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - position)));
                position += count;
                return count;
            }
            fill();
        }
        int count = Math.min(length, ahead.remaining());
        ahead.get(bytes, offset, count);
        position += count;
        return count;
    }

    /** Reads ahead for whoever asks for 4 KiB at a time, as a system call costs more than copying that. */
    private void fill() throws IOException {
        if (ahead.capacity() == 0) {
            ahead = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, end - start));
        }
        ahead.clear().limit((int) Math.min(ahead.capacity(), end - position));
        readFile(ahead);
        ahead.flip();
    }

    private int readFile(ByteBuffer into) throws IOException {
        if (channel == null) {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        }
        int count;
        try {
            count = channel.read(into, position);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw ofFile(String.valueOf(e.getMessage()), e);
        }
        if (count < 0) {
            throw ofFile("ends at " + position + ", before byte " + end, null);
        }
        return count;
    }

    /** Names the file, by which whoever asked knows that it is not the network that failed. */
    private FileSystemException ofFile(String reason, IOException cause) {
        FileSystemException failure = new FileSystemException(file.toString(), null, reason);
        failure.initCause(cause);
        return failure;
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, end - position);
    }

    @Override
    public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, end - position));
        position += skipped;
        forget();
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return true;
    }

    @Override
    public synchronized void mark(int readLimit) {
        mark = position;
    }

    /** Back to the mark, which is the first byte unless it was set. */
    @Override
    public synchronized void reset() {
        position = mark;
        forget();
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
        ahead = ByteBuffer.allocate(0);
    }

    private void forget() {
        ahead.limit(0);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (SliceBody whole = new SliceBody(file, start, end - start)) {
            whole.transferTo(out);
        }
    }

    @Override
    public StreamCache copy(Exchange exchange) {
        return new SliceBody(file, start, end - start);
    }

    @Override
    public boolean inMemory() {
        return false;
    }

    @Override
    public long length() {
        return end - start;
    }

    @Override
    public long position() {
        return position - start;
    }
}
