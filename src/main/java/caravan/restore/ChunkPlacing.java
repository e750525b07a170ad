package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Brings chunks to their places and records them. Safe for use by many threads, each with its own scratch. */
final class ChunkPlacing {

    /** Smaller ones need not be remembered: their holes are not worth it. */
    private static final long SMALLEST_WITH_HOLES = 1 << 20;

    private final TargetTree tree;
    private final Set<String> fresh = ConcurrentHashMap.newKeySet();
    private final List<Path> replaced;
    private final ChunkFetcher fetcher;
    private final RestoreJournal journal;
    private final Progress progress;

    /**
     * Places chunks in {@code tree}.
     *
     * @param replaced directories that hold what was moved out of it
     */
    ChunkPlacing(
            TargetTree tree, List<Path> replaced, ChunkFetcher fetcher, RestoreJournal journal, Progress progress) {
        this.tree = tree;
        this.replaced = List.copyOf(replaced);
        this.fetcher = fetcher;
        this.journal = journal;
        this.progress = progress;
    }

    /** The file at {@code place}, which will have {@code size} bytes, was made by this restore and is empty. */
    void created(String place, long size) {
        if (size >= SMALLEST_WITH_HOLES) {
            fresh.add(place);
        }
    }

    /**
     * Whether the chunk is in its place: told by its hash.
     *
     * @param unforced whether it may be there in memory alone; then it is written again
     */
    boolean keep(ChunkRef chunk, LocalCopies.Place place, boolean unforced, LocalCopies copies, Scratch scratch)
            throws CaravanException, InterruptedException {
        boolean there;
        try (FileChannel file = unforced ? tree.write(place.file()) : tree.read(place.file())) {
            there = TreeCheck.isThere(file, place.offset(), chunk, scratch)
                    && (!unforced || isWrittenAgain(chunk, file, place, scratch));
            progress.checked(chunk.size());
            if (there && unforced) {
                journal.written(place.file(), place.offset(), chunk.digest());
            } else if (there) {
                journal.found(place.file(), place.offset(), chunk.digest());
            }
            if (there) {
                progress.kept(chunk.size());
            }
        } catch (IOException e) {
            throw LocalFailures.of("reading " + tree.root().resolve(place.file()), e);
        }
        if (there) {
            settle(chunk, place, copies, scratch);
        }
        return there;
    }

    private boolean isWrittenAgain(ChunkRef chunk, FileChannel file, LocalCopies.Place place, Scratch scratch)
            throws IOException, CaravanException {
        String what = "writing " + tree.root().resolve(place.file());
        return moved(chunk, file, place.offset(), new ChunkWriter(file, place.offset(), false, what), scratch);
    }

    /** Brings the chunk to its place, from this machine if it can be. */
    void place(ChunkRef chunk, LocalCopies.Place place, LocalCopies copies, Scratch scratch)
            throws CaravanException, InterruptedException {
        LocalCopies.Turn turn = copies.turn(chunk, place);
        if (turn instanceof LocalCopies.Turn.Later) {
            return;
        }
        if (!(turn instanceof LocalCopies.Turn.Copy copy)) {
            fetch(chunk, place, fresh.contains(place.file()), scratch);
        } else if (!copy(chunk, copy, place, scratch)) {
            fetch(chunk, place, false, scratch);
        }
        journaled(chunk, place);
        settle(chunk, place, copies, scratch);
    }

    private void settle(ChunkRef chunk, LocalCopies.Place place, LocalCopies copies, Scratch scratch)
            throws CaravanException, InterruptedException {
        for (LocalCopies.Place other : copies.settled(chunk, place)) {
            if (!copy(chunk, new LocalCopies.Turn.Copy(place, true), other, scratch)) {
                fetch(chunk, other, false, scratch);
            }
            journaled(chunk, other);
        }
    }

    private void journaled(ChunkRef chunk, LocalCopies.Place place) throws CaravanException {
        try {
            journal.written(place.file(), place.offset(), chunk.digest());
        } catch (IOException e) {
            throw LocalFailures.of("recording " + tree.root().resolve(place.file()), e);
        }
    }

    /** Fetches the chunk into its place, and records nothing. */
    void fetch(ChunkRef chunk, LocalCopies.Place place, Scratch scratch) throws CaravanException, InterruptedException {
        fetch(chunk, place, false, scratch);
    }

    private void fetch(ChunkRef chunk, LocalCopies.Place place, boolean untouched, Scratch scratch)
            throws CaravanException, InterruptedException {
        String what = "writing " + tree.root().resolve(place.file());
        try (FileChannel file = tree.write(place.file())) {
            ChunkWriter writer = new ChunkWriter(file, place.offset(), untouched, what);
            fetcher.fetch(chunk, writer, scratch);
            writer.finish(chunk.size());
            progress.placed(chunk.size());
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    /** Whether the chunk was where it was said to be, and now is in its place too. */
    private boolean copy(ChunkRef chunk, LocalCopies.Turn.Copy copy, LocalCopies.Place place, Scratch scratch)
            throws CaravanException {
        String what = "writing " + tree.root().resolve(place.file());
        try (FileChannel to = tree.write(place.file())) {
            ChunkWriter writer = new ChunkWriter(to, place.offset(), fresh.contains(place.file()), what);
            boolean copied = copy(chunk, copy, writer, scratch);
            if (copied && copy.settled()) {
                progress.placed(chunk.size());
            } else if (copied) {
                progress.kept(chunk.size());
            }
            return copied;
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private boolean copy(ChunkRef chunk, LocalCopies.Turn.Copy copy, ChunkWriter to, Scratch scratch)
            throws CaravanException {
        try (FileChannel from = open(copy)) {
            return moved(chunk, from, copy.from().offset(), to, scratch);
        } catch (IOException e) {
            return false; // it is not where it was: then it is fetched
        }
    }

    /** Whether what was copied is the chunk. */
    private static boolean moved(ChunkRef chunk, FileChannel from, long fromOffset, ChunkWriter to, Scratch scratch)
            throws IOException, CaravanException {
        MessageDigest digest = scratch.plainDigest();
        byte[] buffer = scratch.buffer();
        for (long at = 0; at < chunk.size(); ) {
            int wanted = (int) Math.min(buffer.length, chunk.size() - at);
            int count = from.read(ByteBuffer.wrap(buffer, 0, wanted), fromOffset + at);
            if (count < 0) {
                return false;
            }
            digest.update(buffer, 0, count);
            to.write(at, buffer, count);
            at += count;
        }
        to.finish(chunk.size());
        return Digest.fromBytes(digest.digest()).equals(chunk.digest());
    }

    private FileChannel open(LocalCopies.Turn.Copy copy) throws IOException {
        String file = copy.from().file();
        if (!copy.settled()) {
            for (Path directory : replaced) {
                if (Files.isRegularFile(directory.resolve(file), LinkOption.NOFOLLOW_LINKS)) {
                    return FileChannel.open(
                            directory.resolve(file), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
        return tree.read(file);
    }
}
