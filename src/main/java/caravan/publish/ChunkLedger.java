package caravan.publish;

import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedFile;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.snapshot.CutRule;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which chunks of a capture are stored, and what is left. A file is let go of when its last chunk is. Many threads enter
 * chunks; memory is four bytes a file.
 */
final class ChunkLedger implements AutoCloseable {

    private final CapturedDatabase capture;

    private final CapturedStores stores;

    private final ChunkJournal journal;

    private final HashCache hashes;

    private final AtomicIntegerArray missing;

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

    /** Writes down that a chunk is stored. Called once for each. */
    void enter(NamedChunk chunk) throws IOException, CaravanException {
        ChunkSlice slice = chunk.slice();
        journal.enter(slice.index(), chunk.digest());
        entered.incrementAndGet();
        if (missing.decrementAndGet(slice.fileIndex()) == 0) {
            finishFile(slice);
        }
    }

    /**
     * The digest of the chunk at {@code index}.
     *
     * @throws FailedException if it was never entered
     */
    Digest read(long index) throws IOException, FailedException {
        return journal.read(index);
    }

    /** Those of {@code wanted} that are entered. Every chunk must be; they are all read, unless nothing is wanted. */
    Set<Digest> those(Set<Digest> wanted) throws IOException, FailedException {
        Set<Digest> found = new HashSet<>();
        for (long index = 0; index < chunks && found.size() < wanted.size(); index++) {
            Digest digest = read(index);
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

    private void finishFile(ChunkSlice last) throws IOException, CaravanException {
        CapturedFile file = last.file();
        if (file.writeOnce()) {
            CutRule cut = stores.cutRuleOf(file.path());
            long first = last.index() - last.part();
            long count = cut.count(file.size());
            List<Digest> digests = new ArrayList<>();
            for (long index = first; index < first + count; index++) {
                digests.add(journal.read(index));
            }
            hashes.remember(file.source(), cut.chunkSize(), digests);
        }
        capture.release(file);
    }
}
