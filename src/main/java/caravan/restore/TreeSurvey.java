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
    private final BitSet unforced = new BitSet();
    private long doubtfulBytes;
    private long recognisedBytes;

    private TreeSurvey() {}

    /** Of a tree in which there is nothing. */
    static TreeSurvey ofNothing() {
        return new TreeSurvey();
    }

    /**
     * What is known beside the journal.
     *
     * @param hashed chunks that were hashed in this run and are in place
     * @param complete whether all chunks were hashed, so that what is not known to be in place is not
     * @param files that need not be read
     */
    record Evidence(BitSet hashed, boolean complete, KnownFiles files) {}

    /**
     * Looks. After that the tree may be written to: what the journal says no longer vouches for what is overwritten.
     */
    static TreeSurvey of(TargetTree tree, ManifestFile manifest, Seals seals, RestoreJournal journal, Evidence evidence)
            throws CaravanException, InterruptedException {
        TreeSurvey survey = new TreeSurvey();
        manifest.read(survey.new Visitor(tree, seals, journal, evidence));
        try {
            journal.force();
        } catch (IOException e) {
            throw LocalFailures.of("syncing " + tree.root().resolve(RestoreJournal.PLACE), e);
        }
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

    /** Whether a chunk that only its hash can tell may be in memory alone, so that it is to be written again. */
    boolean isUnforced(int number) {
        return unforced.get(number);
    }

    /** Bytes of all chunks of which only the hash tells. */
    long doubtfulBytes() {
        return doubtfulBytes;
    }

    /** Bytes of all chunks whose files were recognised by name, size and time. */
    long recognisedBytes() {
        return recognisedBytes;
    }

    private final class Visitor implements ManifestVisitor {

        private final TargetTree tree;
        private final Seals seals;
        private final RestoreJournal journal;
        private final Evidence evidence;
        private final FilePreparation preparation;
        private int fileNumber;
        private int number;

        Visitor(TargetTree tree, Seals seals, RestoreJournal journal, Evidence evidence) {
            this.tree = tree;
            this.seals = seals;
            this.journal = journal;
            this.evidence = evidence;
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
            // What is recorded must not vouch for bytes that are about to be overwritten: after a power cut the
            // file may look as before though some of them have got to the disk.
            boolean resumed = !changed && recorded.isTrusted(look) && recorded.isPartOf(file);
            if (resumed) {
                journal.resume(place);
            } else {
                journal.begin(place, recorded.leftOver());
            }
            boolean isKnown = evidence.files().holds(file, Optional.of(look));
            long offset = 0;
            int at = number;
            for (ChunkRef chunk : file.chunks()) {
                RecordedFile.Finding finding = offset + chunk.size() > look.size()
                        ? RecordedFile.Finding.ABSENT
                        : recorded.find(offset, chunk.digest(), look);
                boolean recordedThere = finding == RecordedFile.Finding.THERE;
                boolean mayBeThere = !evidence.complete() || evidence.hashed().get(at);
                if (recordedThere || isKnown) {
                    inPlace.set(at);
                    recognisedBytes += recordedThere ? 0 : chunk.size();
                } else if (finding == RecordedFile.Finding.UNFORCED && mayBeThere) {
                    doubtful.set(at);
                    unforced.set(at);
                    doubtfulBytes += chunk.size();
                } else if (evidence.hashed().get(at)) {
                    inPlace.set(at);
                } else if (finding == RecordedFile.Finding.DOUBTFUL && mayBeThere) {
                    doubtful.set(at);
                    doubtfulBytes += chunk.size();
                }
                if (inPlace.get(at) && !(resumed && recordedThere)) {
                    journal.found(place, offset, chunk.digest());
                }
                offset += chunk.size();
                at++;
            }
        }
    }
}
