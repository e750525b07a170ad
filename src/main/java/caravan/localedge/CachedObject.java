package caravan.localedge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One answer of the origin on the edge's disk. Many viewers may read it while one thread still fills it; they wait for
 * bytes that are not there yet. A viewer that has opened it reads to its end even if it is dropped meanwhile.
 */
final class CachedObject {

    private enum State {
        FILLING,
        COMPLETE,
        BROKEN
    }

    private final Path file;

    private final FileChannel writing;

    private AnswerHead head;

    private Instant storedAt;

    private Instant freshUntil;

    private State state = State.FILLING;

    private long size;

    /** Guarded by the cache. */
    private long counted;

    private CachedObject(Path file, FileChannel writing, AnswerHead head, Instant now) {
        this.file = file;
        this.writing = writing;
        this.head = head;
        this.storedAt = now;
        this.freshUntil = now.plus(Freshness.of(head, now));
    }

    static CachedObject create(Path file, AnswerHead head, Instant now) throws IOException {
        return new CachedObject(
                file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), head, now);
    }

    synchronized AnswerHead head() {
        return head;
    }

    synchronized boolean isFilling() {
        return state == State.FILLING;
    }

    synchronized boolean isFresh(Instant now) {
        return now.isBefore(freshUntil);
    }

    synchronized Duration age(Instant now) {
        return Duration.between(storedAt, now);
    }

    synchronized long size() {
        return size;
    }

    /** Adds to what the cache has counted of it; the cache's own lock is held. */
    void count(long bytes) {
        counted += bytes;
    }

    /** What the cache has counted of it. */
    long counted() {
        return counted;
    }

    /** The origin says that nothing has changed. */
    synchronized void renew(AnswerHead newer, Instant now) {
        head = head.renewedBy(newer);
        storedAt = now;
        freshUntil = now.plus(Freshness.of(head, now));
    }

    /** The origin fails, so this is given for a while although it is stale. */
    synchronized void giveThoughStale(Instant now) {
        freshUntil = now.plus(Freshness.ERROR);
    }

    void append(ByteBuffer bytes) throws IOException {
        long count = bytes.remaining();
        while (bytes.hasRemaining()) {
            writing.write(bytes);
        }
        synchronized (this) {
            size += count;
            if (head.length().isPresent() && size == head.length().getAsLong()) {
                // Whoever has the last byte finds a complete object with the next request.
                state = State.COMPLETE;
            }
            notifyAll();
        }
    }

    void complete() throws IOException {
        writing.close();
        end(State.COMPLETE);
    }

    /** Whoever still reads it finds out that the rest will never come. */
    void fail() {
        end(State.BROKEN);
        try {
            writing.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            drop();
        }
    }

    /** Opens it for a viewer, who closes it; empty if it was dropped. */
    Optional<FileChannel> open() throws IOException {
        try {
            return Optional.of(FileChannel.open(file, StandardOpenOption.READ));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Removes it from the disk; who has it open goes on. */
    void drop() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }

    /**
     * How many bytes there are beyond {@code at}; waits for at least one of them, and is 0 only at the end.
     *
     * @throws IOException if the origin broke off
     */
    synchronized long awaitBeyond(long at) throws IOException, InterruptedException {
        while (size <= at && state == State.FILLING) {
            wait();
        }
        if (size <= at && state == State.BROKEN) {
            throw new IOException("the origin broke off after " + size + " bytes");
        }
        return size - at;
    }

    private synchronized void end(State last) {
        state = last;
        notifyAll();
    }
}
