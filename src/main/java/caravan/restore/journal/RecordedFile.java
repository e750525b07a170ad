package caravan.restore.journal;

import caravan.restore.target.FileIdentity;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What earlier runs recorded of one file. */
public final class RecordedFile {

    /** Recorded of nothing: whatever lies there is unknown. */
    static final RecordedFile UNKNOWN = new RecordedFile(Held.HELD);

    private static final FileIdentity NEVER_SEEN = new FileIdentity(-1, -1, -1, -1);

    private final Held held;
    private final List<Chunk> chunks = new ArrayList<>(1);
    private int durable;
    private FileIdentity look = NEVER_SEEN;

    RecordedFile(Held held) {
        this.held = held;
    }

    /** What a file may hold beside what is recorded of it. */
    public enum Held {
        /** Nothing: it was made by us and is known from its first byte. */
        NEW,
        /** Something that others wrote, or that was on the disk. */
        HELD,
        /** Something that we wrote and that may never have got to the disk, though it can be read. */
        UNFORCED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Held parse(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** How much is known of a chunk's place. */
    public enum Finding {
        /** It was verified and on the disk, and nobody touched the file since. */
        THERE,
        /** It may be there: to be hashed. */
        DOUBTFUL,
        /**
         * It may be there, but in memory alone: after an fsync that failed, the system takes what it could not write
         * for written (a later fsync says nothing), until the memory is needed. To be hashed, and written again.
         */
        UNFORCED,
        /** It was not written, or is known to be another. */
        ABSENT
    }

    /**
     * One at a place.
     *
     * @param unforced whether we wrote it and do not know that it got to the disk
     */
    private record Chunk(long offset, Digest digest, boolean unforced) {}

    void written(long offset, Digest digest, boolean found) {
        chunks.add(new Chunk(offset, digest, !found));
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
        for (int index = 0; index < durable; index++) {
            Chunk forced = chunks.get(index);
            chunks.set(index, new Chunk(forced.offset(), forced.digest(), false));
        }
        chunks.sort(Comparator.comparingLong(Chunk::offset)); // stable
    }

    /** How the file looked when all that is recorded was on the disk is forgotten: it has to be hashed. */
    void doubt() {
        look = NEVER_SEEN;
    }

    /** Whether all that is recorded is on the disk and the file, which looks like {@code now}, was left alone since. */
    public boolean isTrusted(FileIdentity now) {
        return durable > 0 && look.equals(now);
    }

    /** Whether nothing that is recorded has to be overwritten to make the file what {@code wanted} says. */
    public boolean isPartOf(FileEntry wanted) {
        int kept = 0;
        long offset = 0;
        for (ChunkRef chunk : wanted.chunks()) {
            int at = lastUpTo(offset);
            boolean recorded = at >= 0 && chunks.get(at).offset() == offset;
            kept += recorded && chunks.get(at).digest().equals(chunk.digest()) ? 1 : 0;
            offset += chunk.size();
        }
        return kept == chunks.stream().mapToLong(Chunk::offset).distinct().count();
    }

    /** What is left in the file for a run that begins its record anew. */
    public Held leftOver() {
        if (held == Held.UNFORCED || chunks.stream().anyMatch(Chunk::unforced)) {
            return Held.UNFORCED;
        }
        return held == Held.NEW && chunks.isEmpty() ? Held.NEW : Held.HELD;
    }

    /** Whether the chunk was put at {@code offset} in the file, or seen there. */
    public boolean names(long offset, Digest digest) {
        int at = lastUpTo(offset);
        return at >= 0
                && chunks.get(at).offset() == offset
                && chunks.get(at).digest().equals(digest);
    }

    /** What is known of the chunk {@code digest} at {@code offset} in the file, which looks like {@code now}. */
    public Finding find(long offset, Digest digest, FileIdentity now) {
        int at = lastUpTo(offset);
        boolean recorded = at >= 0 && chunks.get(at).offset() == offset;
        if (!recorded) {
            return ofOthers();
        }
        Chunk chunk = chunks.get(at);
        if (!chunk.digest().equals(digest)) {
            return isTrusted(now) ? Finding.ABSENT : ofOthers();
        }
        if (chunk.unforced()) {
            return Finding.UNFORCED;
        }
        return isTrusted(now) ? Finding.THERE : Finding.DOUBTFUL;
    }

    private Finding ofOthers() {
        return switch (held) {
            case NEW -> Finding.ABSENT;
            case HELD -> Finding.DOUBTFUL;
            case UNFORCED -> Finding.UNFORCED;
        };
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
