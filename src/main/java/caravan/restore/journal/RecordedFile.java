package caravan.restore.journal;

import caravan.restore.target.FileIdentity;
import caravan.snapshot.Digest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What earlier runs recorded of one file. */
public final class RecordedFile {

    /** Recorded of nothing: whatever lies there is unknown. */
    static final RecordedFile UNKNOWN = new RecordedFile(true);

    private static final FileIdentity NEVER_SEEN = new FileIdentity(-1, -1, -1, -1);

    private final boolean held;
    private final List<Chunk> chunks = new ArrayList<>(1);
    private int durable;
    private FileIdentity look = NEVER_SEEN;

    RecordedFile(boolean held) {
        this.held = held;
    }

    /** How much is known of a chunk's place. */
    public enum Finding {
        /** It was verified and on the disk, and nobody touched the file since. */
        THERE,
        /** It may be there: to be hashed. */
        DOUBTFUL,
        /** It was not written, or is known to be another. */
        ABSENT
    }

    private record Chunk(long offset, Digest digest) {}

    void written(long offset, Digest digest) {
        chunks.add(new Chunk(offset, digest));
    }

    void durable(int count, FileIdentity seen) {
        durable = count;
        look = seen;
    }

    int count() {
        return chunks.size();
    }

    /** Chunks can be looked up by place from here on; of several at one place the last counts. */
    void complete() {
        if (durable != chunks.size()) {
            look = NEVER_SEEN;
        }
        chunks.sort(Comparator.comparingLong(Chunk::offset)); // stable
    }

    /** Whether all that is recorded is on the disk and the file, which looks like {@code now}, was left alone since. */
    public boolean isTrusted(FileIdentity now) {
        return durable > 0 && look.equals(now);
    }

    /** Whether anything of use may be in the file. */
    public boolean mayHoldSomething() {
        return held || !chunks.isEmpty();
    }

    /** What is known of the chunk {@code digest} at {@code offset} in the file, which looks like {@code now}. */
    public Finding find(long offset, Digest digest, FileIdentity now) {
        int at = lastUpTo(offset);
        boolean recorded = at >= 0 && chunks.get(at).offset() == offset;
        if (!recorded) {
            return held ? Finding.DOUBTFUL : Finding.ABSENT;
        }
        if (!chunks.get(at).digest().equals(digest)) {
            return isTrusted(now) || !held ? Finding.ABSENT : Finding.DOUBTFUL;
        }
        return isTrusted(now) ? Finding.THERE : Finding.DOUBTFUL;
    }

    private int lastUpTo(long offset) {
        int low = 0;
        int high = chunks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (chunks.get(middle).offset() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }
}
