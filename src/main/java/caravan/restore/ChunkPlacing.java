package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Brings chunks to their places and records them. Safe for use by many threads, each with its own scratch. */
final class ChunkPlacing {

    private final TargetTree tree;
    private final ChunkFetcher fetcher;
    private final RestoreJournal journal;
    private final Progress progress;

    ChunkPlacing(TargetTree tree, ChunkFetcher fetcher, RestoreJournal journal, Progress progress) {
        this.tree = tree;
        this.fetcher = fetcher;
        this.journal = journal;
        this.progress = progress;
    }

    /** Whether the chunk is in its place: told by its hash. */
    boolean keep(ChunkRef chunk, String place, long offset, Scratch scratch) throws CaravanException {
        try (FileChannel file = tree.read(place)) {
            boolean there = TreeCheck.isThere(file, offset, chunk, scratch);
            progress.checked(chunk.size());
            if (there) {
                journal.written(place, offset, chunk.digest());
                progress.kept(chunk.size());
            }
            return there;
        } catch (IOException e) {
            throw LocalFailures.of("reading " + tree.root().resolve(place), e);
        }
    }

    /** Fetches the chunk into its place. */
    void fetch(ChunkRef chunk, String place, long offset, boolean recorded, Scratch scratch)
            throws CaravanException, InterruptedException {
        String what = "writing " + tree.root().resolve(place);
        try (FileChannel file = tree.write(place)) {
            fetcher.fetch(chunk, (at, buffer, length) -> write(file, offset + at, buffer, length, what), scratch);
            if (recorded) {
                journal.written(place, offset, chunk.digest());
            }
            progress.placed(chunk.size());
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private static void write(FileChannel file, long at, byte[] buffer, int length, String what)
            throws CaravanException {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
            while (bytes.hasRemaining()) {
                file.write(bytes, at + bytes.position());
            }
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }
}
