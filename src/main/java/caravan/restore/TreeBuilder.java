package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.journal.RecordedFile;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a tree equal to a manifest, except for the seals: those it writes beside, into our own directory, and moves to
 * their places only when everything else is on the disk.
 *
 * <p>What is there is believed as far as the journal goes. Where it does not, chunks are hashed while others, of which
 * it is known that they are missing, are fetched.
 */
final class TreeBuilder {

    private final TargetTree tree;
    private final ManifestFile manifest;
    private final Seals seals;
    private final ChunkPlacing placing;
    private final RestoreJournal journal;
    private final Progress progress;
    private final List<SnapshotPath> sealed = new ArrayList<>();

    TreeBuilder(
            TargetTree tree,
            ManifestFile manifest,
            ManifestHeader header,
            ChunkPlacing placing,
            RestoreJournal journal,
            Progress progress) {
        this.tree = tree;
        this.manifest = manifest;
        this.seals = new Seals(header.stores());
        this.placing = placing;
        this.journal = journal;
        this.progress = progress;
    }

    /** Finds out what lies in a tree that is not new; see {@link TreeSurvey#of}. */
    TreeSurvey survey(TreeSurvey.Evidence evidence) throws CaravanException, InterruptedException {
        return TreeSurvey.of(tree, manifest, seals, journal, evidence);
    }

    /**
     * Brings whatever is not there, and finishes {@code fetching}.
     *
     * @param old manifest of the copy that is replaced, if it is known
     */
    void fill(TreeSurvey survey, Optional<ManifestFile> old, int checkers, Workers fetching)
            throws CaravanException, InterruptedException {
        sealed.clear();
        progress.expectChecks(survey.doubtfulBytes());
        progress.recognised(survey.recognisedBytes());
        LocalCopies copies = LocalCopies.find(manifest, survey::holds, survey::doubts, old);
        try (Workers checking = new Workers(checkers, () -> {});
                Workers reader = new Workers(1, () -> {})) {
            if (survey.doubtfulBytes() > 0) {
                reader.put(scratch -> {
                    manifest.read(new Doubts(survey, copies, checking, fetching));
                    checking.finish();
                });
            }
            manifest.read(new Filler(survey, copies, fetching, reader));
            reader.finish();
            fetching.finish();
        }
    }

    /** Returns when everything but the seals' names is on the disk. */
    void sync(Workers workers) throws CaravanException, InterruptedException {
        Set<String> directories = new TreeSet<>();
        manifest.read(new ManifestVisitor() {
            @Override
            public void header(ManifestHeader first) {
                directories.add("");
                directories.add(TargetTree.WORK);
            }

            @Override
            public void file(FileEntry file) throws CaravanException, IOException {
                String place = seals.placeOf(file.path());
                addWithParents(directories, TargetTree.parentOf(place));
                if (!isOnDisk(place)) {
                    workers.submit(scratch -> force(place));
                }
            }

            @Override
            public void directory(SnapshotPath path) {
                addWithParents(directories, path.value());
            }
        });
        workers.finish();
        for (String directory : directories) {
            local("syncing", directory, () -> tree.syncDirectory(directory));
        }
    }

    /** Moves the seals to their places, all together, and returns when that is on the disk. */
    void seal() throws CaravanException {
        local("sealing", "", journal::requireSound);
        for (SnapshotPath seal : sealed) {
            local("sealing", seal.value(), () -> {
                tree.makeDirectories(TargetTree.parentOf(seal.value()));
                tree.move(seals.placeOf(seal), seal.value());
            });
        }
        for (SnapshotPath seal : sealed) {
            String parent = TargetTree.parentOf(seal.value());
            local("syncing", parent, () -> tree.syncDirectory(parent));
        }
    }

    /** Makes what is missing, and has it fetched. */
    private final class Filler implements ManifestVisitor {

        private final TreeSurvey survey;
        private final LocalCopies copies;
        private final Workers fetching;
        private final Workers beside;
        private final FilePreparation preparation = new FilePreparation(tree);
        private int fileNumber;
        private int number;

        Filler(TreeSurvey survey, LocalCopies copies, Workers fetching, Workers beside) {
            this.survey = survey;
            this.copies = copies;
            this.fetching = fetching;
            this.beside = beside;
        }

        @Override
        public void header(ManifestHeader first) {
            // known from the first reading
        }

        @Override
        public void directory(SnapshotPath path) throws CaravanException {
            local("making the directory", path.value(), () -> tree.makeDirectories(path.value()));
        }

        @Override
        public void file(FileEntry file) throws CaravanException, IOException {
            String place = seals.placeOf(file.path());
            boolean seal = seals.isSeal(file.path());
            if (seal) {
                sealed.add(file.path());
            }
            if (!survey.holdsFile(fileNumber)) {
                local("making", place, () -> preparation.create(place));
                if (!seal) {
                    local("making", place, () -> journal.begin(place, RecordedFile.Held.NEW));
                    placing.created(place, file.size());
                }
            }
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                beside.requireSound();
                LocalCopies.Place at = new LocalCopies.Place(place, offset);
                if (survey.holds(number)) {
                    progress.kept(chunk.size());
                } else if (seal) {
                    fetching.submit(scratch -> placing.fetch(chunk, at, scratch));
                } else if (!survey.doubts(number)) {
                    fetching.submit(scratch -> placing.place(chunk, at, copies, scratch));
                }
                offset += chunk.size();
                number++;
            }
            fileNumber++;
        }
    }

    /** Has those chunks hashed that may be there, and fetched if they are not. */
    private final class Doubts implements ManifestVisitor {

        private final TreeSurvey survey;
        private final LocalCopies copies;
        private final Workers checking;
        private final Workers fetching;
        private int number;

        Doubts(TreeSurvey survey, LocalCopies copies, Workers checking, Workers fetching) {
            this.survey = survey;
            this.copies = copies;
            this.checking = checking;
            this.fetching = fetching;
        }

        @Override
        public void header(ManifestHeader first) {
            // known from the first reading
        }

        @Override
        public void directory(SnapshotPath path) {
            // nothing to doubt
        }

        @Override
        public void file(FileEntry file) throws CaravanException, IOException {
            String place = file.path().value();
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                if (survey.doubts(number)) {
                    LocalCopies.Place at = new LocalCopies.Place(place, offset);
                    boolean unforced = survey.isUnforced(number);
                    checking.submit(scratch -> check(chunk, at, unforced, scratch));
                }
                offset += chunk.size();
                number++;
            }
        }

        private void check(ChunkRef chunk, LocalCopies.Place place, boolean unforced, Scratch scratch)
                throws CaravanException, InterruptedException {
            fetching.requireSound();
            if (!placing.keep(chunk, place, unforced, copies, scratch)) {
                copies.disproved(chunk);
                fetching.put(other -> placing.place(chunk, place, copies, other));
            }
        }
    }

    private boolean isOnDisk(String place) throws CaravanException {
        try {
            return journal.isOnDisk(place);
        } catch (IOException e) {
            throw LocalFailures.of("syncing " + tree.root().resolve(place), e);
        }
    }

    private void force(String place) throws CaravanException {
        local("syncing", place, () -> {
            try (FileChannel file = tree.write(place)) {
                file.force(true);
            }
        });
    }

    private static void addWithParents(Set<String> directories, String path) {
        String at = path;
        while (!at.isEmpty() && directories.add(at)) {
            at = TargetTree.parentOf(at);
        }
    }

    private void local(String doing, String place, LocalStep step) throws CaravanException {
        try {
            step.run();
        } catch (IOException e) {
            throw LocalFailures.of(doing + " " + tree.root().resolve(place), e);
        }
    }

    @FunctionalInterface
    private interface LocalStep {
        void run() throws IOException;
    }
}
