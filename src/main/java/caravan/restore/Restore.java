package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.restore.journal.BatchedSync;
import caravan.restore.journal.Forcing;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.source.ObjectSource;
import caravan.restore.target.EngineLocks;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Replaced;
import caravan.restore.target.Space;
import caravan.restore.target.Stage;
import caravan.restore.target.Target;
import caravan.restore.target.TargetLock;
import caravan.restore.target.TargetTree;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.ManifestHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.BitSet;
import java.util.List;

/** The steps of a restore, in the order that keeps the target safe. For one use. */
final class Restore {

    /** No engine opens a store whose seal says this: RocksDB expects the name of a MANIFEST, ParityDB a version. */
    static final String INCOMPLETE_SEAL = "caravan: restore incomplete\n";

    private final ClientSettings settings;
    private final Clock clock;
    private final Progress progress;
    private final ObjectSource source;
    private final ManifestFile manifest;
    private final ManifestHeader header;
    private final Remembered remembered;
    private final boolean everyByte;
    private final OnChange onChange;
    private boolean changed;
    private TreeReport before = TreeReport.NOTHING;

    /**
     * A restore for one use.
     *
     * @param remembered what is known of the target
     * @param everyByte whether all that is there is to be hashed before anything is changed
     * @param onChange told right before anything is written to the target
     */
    Restore(
            ClientSettings settings,
            Clock clock,
            Progress progress,
            ObjectSource source,
            OpenSnapshot.Content content,
            Remembered remembered,
            boolean everyByte,
            OnChange onChange) {
        this.settings = settings;
        this.clock = clock;
        this.progress = progress;
        this.source = source;
        this.manifest = content.manifest();
        this.header = content.header();
        this.remembered = everyByte ? remembered.withoutFiles() : remembered;
        this.everyByte = everyByte;
        this.onChange = onChange;
    }

    /** Whether anything was written to the target. */
    boolean hasChanged() {
        return changed;
    }

    /** How the target was seen to differ before anything was written to it; nothing, if it was not there. */
    TreeReport before() {
        return before;
    }

    /** Restores; the answer names directories that hold what was moved out of the way. */
    List<Path> into(Target target) throws CaravanException, InterruptedException {
        try {
            if (target instanceof Target.Fresh fresh) {
                build(fresh);
                return List.of();
            }
            return replace(target.root());
        } catch (IOException e) {
            throw LocalFailures.of("restoring into " + target.directory(), e);
        }
    }

    private void build(Target.Fresh target) throws IOException, CaravanException, InterruptedException {
        long needed = progress.totalBytes() - Stage.bytesIn(target.root());
        Space.require(target.directory().getParent(), needed);
        Preflight.require(target.root(), target.directory().getParent(), manifest, settings.parallel());
        onChange.begins();
        changed = true;
        try (Stage stage = Stage.open(target);
                TargetLock lock = TargetLock.in(target.root())) {
            TargetTree tree = stage.tree();
            if (!stage.isNew()) {
                tree.deleteScriptParts();
                removeExtras(tree);
            }
            boolean empty = stage.isNew();
            write(
                    tree,
                    List.of(),
                    builder -> empty ? TreeSurvey.ofNothing() : builder.survey(evidence(new BitSet(), false)));
            lock.requireHeld();
            stage.complete();
        }
    }

    /** What a restore of another snapshot left here; the whole directory is ours. */
    private void removeExtras(TargetTree tree) throws IOException, CaravanException, InterruptedException {
        TreeExtras extras = TreeExtras.find(tree.root(), manifest, true);
        for (String file : extras.files()) {
            tree.deleteIfThere(file);
        }
        for (String directory : extras.directories()) {
            tree.deleteDirectory(directory);
        }
    }

    private List<Path> replace(Path directory) throws IOException, CaravanException, InterruptedException {
        List<TargetLock> beside = TargetLock.beside(directory).stream().toList();
        try (TargetTree tree = TargetTree.open(directory);
                EngineLocks engines = EngineLocks.take(tree, header.stores())) {
            progress.enter(Progress.Phase.CHECKING);
            boolean incomplete = tree.look(Target.MARKER).isPresent();
            TreeReport report = check(tree).look(new Seals(header.stores()));
            boolean hashed = everyByte || (!incomplete && report.isExact());
            if (hashed) {
                report = check(tree).run();
            }
            before = report;
            if (hashed && report.isExact() && !incomplete) {
                removeLeftOvers(tree);
                return List.of();
            }
            requirePossible(directory, report);
            try (TargetLock inside = TargetLock.in(directory)) {
                inside.requireHeld();
                begin(engines, tree, incomplete);
                changed = true;
                List<Path> replaced = rewrite(tree, report, hashed);
                engines.release();
                tree.deleteWorkDirectory();
                return replaced;
            }
        } finally {
            beside.forEach(TargetLock::close);
        }
    }

    private TreeCheck check(TargetTree tree) {
        return new TreeCheck(tree, manifest, settings.readers(), remembered.files(), progress);
    }

    /** Of a restore that was killed before it marked or after it completed the tree. */
    private static void removeLeftOvers(TargetTree tree) throws IOException, CaravanException {
        if (tree.look(TargetTree.WORK).isPresent()) {
            try (TargetLock inside = TargetLock.in(tree.root())) {
                inside.requireHeld();
                tree.deleteWorkDirectory();
            }
        }
    }

    /**
     * The last steps that may be refused.
     *
     * @param incomplete whether a restore before this one has not ended: what it left is needed to go on
     */
    private void begin(EngineLocks engines, TargetTree tree, boolean incomplete) throws IOException, CaravanException {
        try {
            engines.takeMissing();
            engines.requireHeld();
            onChange.begins();
        } catch (IOException | CaravanException e) {
            if (!incomplete) {
                tree.deleteWorkDirectory();
            }
            throw e;
        }
    }

    private void requirePossible(Path directory, TreeReport report)
            throws IOException, CaravanException, InterruptedException {
        if (!report.obstacles().isEmpty()) {
            throw new RefusedException(
                    directory.resolve(report.obstacles().get(0)) + " is a link, or neither file nor directory",
                    "links are never followed; look at what it is and remove it");
        }
        Space.require(directory, report.growth() - Stage.bytesIn(directory.resolve(TargetTree.SCRIPT_PARTS)));
        Preflight.require(directory, directory, manifest, settings.parallel());
    }

    /**
     * From the first line on, no engine opens any of the stores until the last.
     *
     * @param hashed whether the report knows of all chunks whether they are there
     */
    private List<Path> rewrite(TargetTree tree, TreeReport report, boolean hashed)
            throws IOException, CaravanException, InterruptedException {
        remembered.files().forgetOthers(tree.root(), manifest);
        tree.put(
                Target.MARKER,
                "caravan-restore-1 " + header.database() + " " + header.snapshot() + " "
                        + manifest.digest().hex() + "\n");
        for (DatabaseStore store : header.stores()) {
            if (!store.seal().isEmpty()) {
                tree.makeDirectories(store.path());
                tree.put(store.seal(), INCOMPLETE_SEAL);
            }
        }
        tree.syncDirectory("");
        tree.deleteScriptParts();
        List<Path> replaced = List.of();
        if (!report.extraFiles().isEmpty() || !report.extraDirectories().isEmpty()) {
            replaced = Replaced.move(tree, report.extraFiles(), report.extraDirectories(), clock.instant());
        }
        progress.forgetKept();
        write(tree, replaced, builder -> builder.survey(evidence(report.matching(), hashed)));
        return replaced;
    }

    private TreeSurvey.Evidence evidence(BitSet hashed, boolean complete) {
        return new TreeSurvey.Evidence(hashed, complete, remembered.files());
    }

    private void write(TargetTree tree, List<Path> replaced, Surveying surveying)
            throws IOException, CaravanException, InterruptedException {
        ChunkFetcher fetcher =
                new ChunkFetcher(source, settings.retries(), settings.rate(), progress, settings.parallel());
        // the times of files are the system's, whatever time it is for signatures
        try (RestoreJournal journal = RestoreJournal.open(tree, Clock.systemUTC(), Forcing.TO_DISK)) {
            if (everyByte) {
                journal.doubtAll();
            }
            ChunkPlacing placing = new ChunkPlacing(tree, replaced, fetcher, journal, progress);
            TreeBuilder builder = new TreeBuilder(tree, manifest, header, placing, journal, progress);
            progress.enter(Progress.Phase.FETCHING);
            BatchedSync sync = BatchedSync.start(journal, BatchedSync.USUAL_PAUSE);
            try (sync;
                    Workers workers = new Workers(settings.parallel(), source::close)) {
                builder.fill(surveying.of(builder), remembered.manifest(), checkers(), workers);
            }
            // Not before it has ended: the system tells of a failed write once, and the last batch may be the one.
            sync.requireSound();
            progress.enter(Progress.Phase.SYNCING);
            try (Workers workers = new Workers(settings.parallel(), () -> {})) {
                builder.sync(workers);
            }
            builder.seal();
        }
    }

    /** Hashing what is there needs processors, and must not keep them from what arrives. */
    private int checkers() {
        return Math.min(settings.parallel(), Runtime.getRuntime().availableProcessors());
    }

    /** What has to be known before the target is no longer what it was. */
    @FunctionalInterface
    interface OnChange {
        void begins() throws CaravanException;
    }

    @FunctionalInterface
    private interface Surveying {
        TreeSurvey of(TreeBuilder builder) throws CaravanException, InterruptedException;
    }
}
