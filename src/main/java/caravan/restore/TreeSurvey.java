package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.journal.RecordedFile;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.BitSet;
import java.util.Optional;

/**
 * What a tree holds of a snapshot as far as names, sizes and the journal tell: reads no content, so that the first
 * missing chunk is asked for within moments, however large the tree is. Takes possession of the files that are there.
 */
final class TreeSurvey {

    private final BitSet files = new BitSet();
    private final BitSet inPlace = new BitSet();
    private final BitSet doubtful = new BitSet();
    private long doubtfulBytes;

    private TreeSurvey() {}

    /** Of a tree in which there is nothing. */
    static TreeSurvey ofNothing() {
        return new TreeSurvey();
    }

    /**
     * Looks.
     *
     * @param known chunks that were hashed in this run and are in place
     * @param complete whether all chunks were hashed, so that what is not known to be in place is not
     */
    static TreeSurvey of(
            TargetTree tree, ManifestFile manifest, Seals seals, RestoreJournal journal, BitSet known, boolean complete)
            throws CaravanException, InterruptedException {
        TreeSurvey survey = new TreeSurvey();
        manifest.read(survey.new Visitor(tree, seals, journal, known, complete));
        return survey;
    }

    /** Whether the file is there, by its number in the order of the manifest. */
    boolean holdsFile(int number) {
        return files.get(number);
    }

    /** Whether the chunk, by its number, is there and needs no look. */
    boolean holds(int number) {
        return inPlace.get(number);
    }

    /** Whether only its hash tells if the chunk is there. */
    boolean doubts(int number) {
        return doubtful.get(number);
    }

    /** Bytes of all chunks of which only the hash tells. */
    long doubtfulBytes() {
        return doubtfulBytes;
    }

    private final class Visitor implements ManifestVisitor {

        private final TargetTree tree;
        private final Seals seals;
        private final RestoreJournal journal;
        private final BitSet known;
        private final boolean complete;
        private final FilePreparation preparation;
        private int fileNumber;
        private int number;

        Visitor(TargetTree tree, Seals seals, RestoreJournal journal, BitSet known, boolean complete) {
            this.tree = tree;
            this.seals = seals;
            this.journal = journal;
            this.known = known;
            this.complete = complete;
            this.preparation = new FilePreparation(tree);
        }

        @Override
        public void header(ManifestHeader first) {
            // known from the first reading
        }

        @Override
        public void directory(SnapshotPath path) {
            // made when it is its turn
        }

        @Override
        public void file(FileEntry file) throws CaravanException {
            String place = seals.placeOf(file.path());
            try {
                Optional<BasicFileAttributes> there = tree.look(place);
                files.set(fileNumber, there.isPresent());
                if (there.isPresent() && seals.isSeal(file.path())) {
                    preparation.claim(place, there.get(), file.size());
                } else if (there.isPresent()) {
                    survey(file, place, there.get());
                }
            } catch (IOException e) {
                throw LocalFailures.of("making " + tree.root().resolve(place), e);
            }
            fileNumber++;
            number += file.chunks().size();
        }

        private void survey(FileEntry file, String place, BasicFileAttributes there) throws IOException {
            FileIdentity look = FileIdentity.of(tree.root().resolve(place))
                    .orElseGet(() -> new FileIdentity(-1, there.size(), -1, -1));
            RecordedFile recorded = journal.recorded(place);
            boolean changed = preparation.claim(place, there, file.size());
            boolean resumed = !changed && recorded.isTrusted(look);
            if (resumed) {
                journal.resume(place);
            } else {
                journal.begin(place, recorded.mayHoldSomething());
            }
            long offset = 0;
            int at = number;
            for (ChunkRef chunk : file.chunks()) {
                RecordedFile.Finding finding = offset + chunk.size() > look.size()
                        ? RecordedFile.Finding.ABSENT
                        : recorded.find(offset, chunk.digest(), look);
                boolean recordedThere = finding == RecordedFile.Finding.THERE;
                if (recordedThere || known.get(at)) {
                    inPlace.set(at);
                } else if (finding == RecordedFile.Finding.DOUBTFUL && !complete) {
                    doubtful.set(at);
                    doubtfulBytes += chunk.size();
                }
                if (inPlace.get(at) && !(resumed && recordedThere)) {
                    journal.written(place, offset, chunk.digest());
                }
                offset += chunk.size();
                at++;
            }
        }
    }
}
