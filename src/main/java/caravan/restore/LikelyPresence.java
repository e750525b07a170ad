package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.journal.RecordedFile;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/**
 * Which chunks of a manifest a directory seems to hold, told without reading its files: by the journal of a restore
 * that was ended, by how files look that this client knows, by what it restored there before, and else by their sizes.
 */
final class LikelyPresence implements ManifestVisitor {

    private final TargetTree tree;
    private final Map<String, RecordedFile> recorded;
    private final KnownFiles known;
    private final Former former;
    private final BitSet present = new BitSet();
    private int number;

    private LikelyPresence(TargetTree tree, Map<String, RecordedFile> recorded, KnownFiles known, Former former) {
        this.tree = tree;
        this.recorded = recorded;
        this.known = known;
        this.former = former;
    }

    /** Numbers of the chunks of {@code manifest} that {@code tree} seems to hold. */
    static BitSet of(TargetTree tree, ManifestFile manifest, Remembered remembered)
            throws CaravanException, InterruptedException {
        Former former = new Former();
        if (remembered.manifest().isPresent()) {
            remembered.manifest().get().read(former);
        }
        former.sort();
        Map<String, RecordedFile> recorded;
        try {
            recorded = RestoreJournal.read(tree);
        } catch (IOException e) {
            throw LocalFailures.of("reading " + tree.root().resolve(RestoreJournal.PLACE), e);
        }
        LikelyPresence presence = new LikelyPresence(tree, recorded, remembered.files(), former);
        manifest.read(presence);
        return presence.present;
    }

    @Override
    public void header(ManifestHeader header) {
        // the files tell
    }

    @Override
    public void directory(SnapshotPath path) {
        // holds nothing
    }

    @Override
    public void file(FileEntry file) throws IOException {
        Optional<FileIdentity> look =
                FileIdentity.of(tree.root().resolve(file.path().value()));
        long offset = 0;
        for (ChunkRef chunk : file.chunks()) {
            boolean reaches =
                    look.isPresent() && offset + chunk.size() <= look.get().size();
            present.set(number, reaches && seemsThere(file, chunk, offset, look.get()));
            offset += chunk.size();
            number++;
        }
    }

    private boolean seemsThere(FileEntry file, ChunkRef chunk, long offset, FileIdentity look) {
        RecordedFile record = recorded.get(file.path().value());
        if (record != null) {
            RecordedFile.Finding finding = record.find(offset, chunk.digest(), look);
            if (finding == RecordedFile.Finding.ABSENT || record.names(offset, chunk.digest())) {
                return finding != RecordedFile.Finding.ABSENT;
            }
        }
        if (known.holds(file, Optional.of(look))) {
            return true;
        }
        return former.knows(file.path(), look.size())
                ? former.held(file.path(), offset, chunk.digest())
                : look.size() == file.size();
    }

    /** What was restored here before: a word for each file and one for each chunk, however many there are. */
    private static final class Former implements ManifestVisitor {

        private final Words files = new Words();
        private final Words chunks = new Words();

        @Override
        public void header(ManifestHeader header) {
            // the files tell
        }

        @Override
        public void directory(SnapshotPath path) {
            // holds nothing
        }

        @Override
        public void file(FileEntry file) {
            files.add(word(file.path(), file.size()));
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                chunks.add(word(file.path(), offset) ^ chunk.digest().first());
                offset += chunk.size();
            }
        }

        void sort() {
            files.sort();
            chunks.sort();
        }

        /** Whether there was such a file of this size. */
        boolean knows(SnapshotPath path, long size) {
            return files.has(word(path, size));
        }

        boolean held(SnapshotPath path, long offset, Digest digest) {
            return chunks.has(word(path, offset) ^ digest.first());
        }

        private static long word(SnapshotPath path, long number) {
            byte[] name = path.value().getBytes(StandardCharsets.UTF_8);
            return Digest.of(ByteBuffer.allocate(Long.BYTES + name.length)
                            .putLong(number)
                            .put(name)
                            .array())
                    .first();
        }
    }

    private static final class Words {

        private long[] words = new long[1024];
        private int count;

        void add(long word) {
            if (count == words.length) {
                words = Arrays.copyOf(words, 2 * count);
            }
            words[count] = word;
            count++;
        }

        void sort() {
            Arrays.sort(words, 0, count);
        }

        boolean has(long word) {
            return Arrays.binarySearch(words, 0, count, word) >= 0;
        }
    }
}
