package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Where chunks lie on this machine already, so that they need not come over the network: a chunk that the snapshot has
 * in several places comes once, and one that the copy before had elsewhere comes not at all.
 *
 * <p>A place is a hint and nothing more: what is copied is hashed as if it were fetched. Safe for use by many threads.
 */
final class LocalCopies {

    /**
     * Of chunks that matter here, the first words of their digests, in order. Another with the same word does no harm.
     */
    private final long[] repeated;

    private final Map<Digest, Place> before;
    private final Map<Content, Repeated> states = new HashMap<>();

    private LocalCopies(long[] repeated, Map<Digest, Place> before) {
        this.repeated = repeated;
        this.before = before;
    }

    /** What makes two chunks the same: a manifest that gives one hash two sizes must not get one for the other. */
    private record Content(Digest digest, long size) {}

    /** Where a chunk begins. */
    record Place(String file, long offset) {}

    /** What to do about a place that needs a chunk. */
    sealed interface Turn {

        /** Fetch it. */
        record Fetch() implements Turn {}

        /** Nothing: who fetches it, or finds it where it may be, will put it here too. */
        record Later() implements Turn {}

        /**
         * Copy it.
         *
         * @param settled whether it stays there; otherwise it was there before this restore began
         */
        record Copy(Place from, boolean settled) implements Turn {}
    }

    private static final class Repeated {
        private Place done;
        /** Places where it may be, which nobody has looked at yet. */
        private int doubted;

        private boolean coming;
        private final List<Place> waiting = new ArrayList<>();
    }

    /**
     * Finds out what can be copied.
     *
     * @param holds whether the chunk with this number is in its place
     * @param doubts whether it may be, and a look will tell: for each of these {@link #settled} or {@link #disproved}
     *     has to follow
     * @param old manifest of the copy that is replaced, if it is known
     */
    static LocalCopies find(ManifestFile manifest, IntPredicate holds, IntPredicate doubts, Optional<ManifestFile> old)
            throws CaravanException, InterruptedException {
        Words all = new Words(number -> true);
        manifest.read(all);
        LocalCopies copies = new LocalCopies(all.repeated(), before(manifest, holds, old));
        if (copies.repeated.length > 0) {
            manifest.read(new ChunkReader() {
                @Override
                void chunk(ChunkRef chunk, Place place, int number) {
                    if (holds.test(number)) {
                        copies.settled(chunk, place);
                    } else if (doubts.test(number)) {
                        copies.doubted(chunk);
                    }
                }
            });
        }
        return copies;
    }

    private static Map<Digest, Place> before(ManifestFile manifest, IntPredicate holds, Optional<ManifestFile> old)
            throws CaravanException, InterruptedException {
        Map<Digest, Place> before = new HashMap<>();
        if (old.isPresent()) {
            Words missing = new Words(number -> !holds.test(number));
            manifest.read(missing);
            long[] words = missing.sorted();
            old.get().read(new ChunkReader() {
                @Override
                void chunk(ChunkRef chunk, Place place, int number) {
                    if (Arrays.binarySearch(words, chunk.digest().first()) >= 0) {
                        before.putIfAbsent(chunk.digest(), place);
                    }
                }
            });
        }
        return before;
    }

    /** How to get {@code chunk} to {@code place}; each place asks once, and one that was doubted when that is over. */
    synchronized Turn turn(ChunkRef chunk, Place place) {
        if (isRepeated(chunk)) {
            Repeated state = state(chunk);
            if (state.done != null) {
                return new Turn.Copy(state.done, true);
            }
            if (state.coming || state.doubted > 0) {
                state.waiting.add(place);
                return new Turn.Later();
            }
            state.coming = true;
        }
        Place old = before.get(chunk.digest());
        return old == null ? new Turn.Fetch() : new Turn.Copy(old, false);
    }

    /** {@code chunk} is at {@code place} for good; the answer names other places that wait for just that. */
    synchronized List<Place> settled(ChunkRef chunk, Place place) {
        if (!isRepeated(chunk)) {
            return List.of();
        }
        Repeated state = state(chunk);
        state.done = place;
        List<Place> waiting = List.copyOf(state.waiting);
        state.waiting.clear();
        return waiting;
    }

    /**
     * {@code chunk} is not in a place where it might have been. That place has to ask for its {@link #turn} next:
     * others may wait for what it then does.
     */
    synchronized void disproved(ChunkRef chunk) {
        if (isRepeated(chunk)) {
            state(chunk).doubted--;
        }
    }

    private void doubted(ChunkRef chunk) {
        if (isRepeated(chunk)) {
            state(chunk).doubted++;
        }
    }

    private Repeated state(ChunkRef chunk) {
        return states.computeIfAbsent(new Content(chunk.digest(), chunk.size()), content -> new Repeated());
    }

    private boolean isRepeated(ChunkRef chunk) {
        return Arrays.binarySearch(repeated, chunk.digest().first()) >= 0;
    }

    private abstract static class ChunkReader implements ManifestVisitor {

        private int number;

        abstract void chunk(ChunkRef chunk, Place place, int number);

        @Override
        public void header(ManifestHeader header) {
            // chunks alone matter
        }

        @Override
        public void directory(SnapshotPath path) {
            // chunks alone matter
        }

        @Override
        public void file(FileEntry file) {
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                chunk(chunk, new Place(file.path().value(), offset), number);
                offset += chunk.size();
                number++;
            }
        }
    }

    /** First words of digests: 8 bytes for each chunk, so that millions of them do not matter. */
    private static final class Words extends ChunkReader {

        private final IntPredicate wanted;
        private long[] words = new long[1024];
        private int count;

        Words(IntPredicate wanted) {
            this.wanted = wanted;
        }

        @Override
        void chunk(ChunkRef chunk, Place place, int number) {
            if (!wanted.test(number)) {
                return;
            }
            if (count == words.length) {
                words = Arrays.copyOf(words, 2 * count);
            }
            words[count] = chunk.digest().first();
            count++;
        }

        long[] sorted() {
            long[] all = Arrays.copyOf(words, count);
            Arrays.sort(all);
            return all;
        }

        long[] repeated() {
            long[] all = sorted();
            int kept = 0;
            for (int at = 1; at < all.length; at++) {
                boolean isNew = kept == 0 || all[kept - 1] != all[at];
                if (all[at] == all[at - 1] && isNew) {
                    all[kept] = all[at];
                    kept++;
                }
            }
            return Arrays.copyOf(all, kept);
        }
    }
}
