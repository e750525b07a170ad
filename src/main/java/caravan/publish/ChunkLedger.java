package caravan.publish;

import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedFile;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.snapshot.CutRule;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which chunks of a capture are stored, and what is left. A file is let go of when its last chunk is. Many threads
 * enter chunks; memory is twelve bytes a file.
 */
final class ChunkLedger implements AutoCloseable {

    private final CapturedDatabase capture;

    private final CapturedStores stores;

    private final ChunkJournal journal;

    private final HashCache hashes;

    private final AtomicIntegerArray missing;

    /** When the first byte was read, in milliseconds since 1970; 0 if none was. */
    private final AtomicLongArray readSince;

    private final AtomicLong entered = new AtomicLong();

    private final long chunks;

    private final long bytes;

    /**
     * Nothing is stored yet.
     *
     * @param journal closed with this
     * @param hashes learns of every file whose content cannot change any more
     */
    ChunkLedger(CapturedDatabase capture, CapturedStores stores, ChunkJournal journal, HashCache hashes) {
        this.capture = capture;
        this.stores = stores;
        this.journal = journal;
        this.hashes = hashes;
        List<CapturedFile> files = capture.files();
        missing = new AtomicIntegerArray(files.size());
        readSince = new AtomicLongArray(files.size());
        long totalChunks = 0;
        long totalBytes = 0;
        for (int at = 0; at < files.size(); at++) {
            CapturedFile file = files.get(at);
            long count = stores.cutRuleOf(file.path()).count(file.size());
            missing.set(at, Math.toIntExact(count));
            totalChunks += count;
            totalBytes += file.size();
        }
        chunks = totalChunks;
        bytes = totalBytes;
    }

    /** Notes that a file is about to be read, for the first time or again. */
    void isRead(int fileIndex, Instant now) {
        readSince.compareAndSet(fileIndex, 0, now.toEpochMilli());
    }

    /** Writes down that a chunk is stored. Called once for each. */
    void enter(NamedChunk chunk) throws CaravanException {
        ChunkSlice slice = chunk.slice();
        try {
            journal.enter(slice.index(), new JournaledChunk(chunk.digest(), chunk.storedAs()));
        } catch (IOException e) {
            throw notWritten(e);
        }
        entered.incrementAndGet();
        if (missing.decrementAndGet(slice.fileIndex()) == 0) {
            finishFile(slice);
        }
    }

    /**
     * The chunk at {@code index}.
     *
     * @throws FailedException if it was never entered
     */
    JournaledChunk read(long index) throws IOException, FailedException {
        return journal.read(index);
    }

    /** Those of {@code wanted} that are entered. Every chunk must be; they are all read, unless nothing is wanted. */
    Set<Digest> those(Set<Digest> wanted) throws IOException, FailedException {
        Set<Digest> found = new HashSet<>();
        for (long index = 0; index < chunks && found.size() < wanted.size(); index++) {
            Digest digest = read(index).digest();
            if (wanted.contains(digest)) {
                found.add(digest);
            }
        }
        return found;
    }

    /** How many chunks are entered. */
    long entered() {
        return entered.get();
    }

    /** How many chunks there are. */
    long chunks() {
        return chunks;
    }

    /** How many bytes they have together. */
    long bytes() {
        return bytes;
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

    private void finishFile(ChunkSlice last) throws CaravanException {
        CapturedFile file = last.file();
        try {
            rememberHashes(last);
        } catch (IOException e) {
            throw notWritten(e);
        }
        try {
            capture.release(file);
        } catch (IOException e) {
            throw DiskFailures.of("giving back " + file.staged() + ", which is stored", e);
        }
    }

    /** What was not read now was remembered before. */
    private void rememberHashes(ChunkSlice last) throws IOException, CaravanException {
        CapturedFile file = last.file();
        long since = readSince.get(last.fileIndex());
        if (file.writeOnce() && since > 0) {
            CutRule cut = stores.cutRuleOf(file.path());
            long first = last.index() - last.part();
            long count = cut.count(file.size());
            List<Digest> digests = new ArrayList<>();
            for (long index = first; index < first + count; index++) {
                digests.add(journal.read(index).digest());
            }
            hashes.remember(file.source(), cut.chunkSize(), digests, Instant.ofEpochMilli(since));
        }
    }

    /** Said here, as from afar it would look like a failure of whatever else is done with files. */
    private CaravanException notWritten(IOException failure) {
        return DiskFailures.of(
                "writing down which chunks are stored, in " + journal.file(),
                failure,
                "free some space in caravan.state-directory, and run it again: what is stored is not sent again",
                "caravan.state-directory must be writable by this user");
    }
}
