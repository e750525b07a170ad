package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Target;
import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Says what a restore would move, what room it needs and how long it would take. Nothing is written but the client's
 * own state, where the manifest is kept for the restore that may follow.
 */
public final class Plan {

    private final ClientSettings settings;
    private final Clock clock;
    private final Progress progress;
    private final Duration probing;
    private final Consumer<FoundSnapshot> onFound;

    /**
     * A plan for one use.
     *
     * @param probing how long to measure what the sources deliver; zero asks for no measurement
     * @param onFound told of the snapshot once its signatures are found good
     */
    public Plan(
            ClientSettings settings,
            Clock clock,
            Progress progress,
            Duration probing,
            Consumer<FoundSnapshot> onFound) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.progress = requireNonNull(progress, "progress");
        this.probing = requireNonNull(probing, "probing");
        this.onFound = requireNonNull(onFound, "onFound");
    }

    /** For a directory of which nothing is known yet. */
    public PlannedFetch anywhere(SnapshotLocation from) throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = find(from)) {
            OpenSnapshot.Content content = snapshot.content();
            Difference all = Difference.ofNothing(content);
            return plan(snapshot, all, -1, 0, false);
        }
    }

    /**
     * For this directory, new or not.
     *
     * @param byHash whether to hash all that is there; otherwise it is told from outside, see {@link LikelyPresence}
     * @throws caravan.failure.RefusedException if a restore would refuse the directory as it is
     */
    public PlannedFetch into(SnapshotLocation from, Path into, boolean byHash)
            throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = find(from)) {
            OpenSnapshot.Content content = snapshot.content();
            ClientState state = new ClientState(settings.stateDirectory());
            Path directory = Target.locate(into);
            Target target = Target.choose(into, content.header(), new KeptManifests(state).knows(directory));
            boolean inPlace = target instanceof Target.InPlace;
            Path disk = inPlace ? target.root() : target.root().getParent();
            return Files.isDirectory(target.root())
                    ? over(target, Remembered.of(state, directory), byHash, snapshot, content, free(disk))
                    : plan(snapshot, Difference.ofNothing(content), free(disk), 0, byHash);
        } catch (IOException e) {
            throw LocalFailures.of("looking at " + into, e);
        }
    }

    private PlannedFetch over(
            Target target,
            Remembered remembered,
            boolean byHash,
            OpenSnapshot snapshot,
            OpenSnapshot.Content content,
            long free)
            throws CaravanException, InterruptedException, IOException {
        boolean inPlace = target instanceof Target.InPlace;
        progress.expect(snapshot.record().totals().bytes());
        progress.enter(Progress.Phase.CHECKING);
        ManifestFile manifest = content.manifest();
        try (TargetTree tree = TargetTree.open(target.root())) {
            BitSet present = byHash
                    ? new TreeCheck(tree, manifest, settings.readers(), progress)
                            .run()
                            .matching()
                    : LikelyPresence.of(tree, manifest, inPlace ? remembered : Remembered.NOTHING);
            int aside = inPlace
                    ? TreeExtras.find(target.root(), manifest, false).files().size()
                    : 0;
            Optional<ManifestFile> old = inPlace ? remembered.manifest() : Optional.empty();
            Difference difference = Difference.between(tree, content, present, old, aside > 0);
            return plan(snapshot, difference, free, aside, byHash);
        }
    }

    private OpenSnapshot find(SnapshotLocation from) throws CaravanException, InterruptedException {
        OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, progress, from);
        onFound.accept(snapshot.found());
        return snapshot;
    }

    private PlannedFetch plan(OpenSnapshot snapshot, Difference difference, long free, long aside, boolean byHash)
            throws InterruptedException {
        progress.enter(Progress.Phase.PROBING);
        PlannedFetch.Probe probe = probing.isZero()
                ? PlannedFetch.Probe.NONE
                : new SourceProbe(snapshot.source(), settings, probing).measure(difference.sample());
        progress.enter(Progress.Phase.DONE);
        return new PlannedFetch(
                snapshot.record(),
                byHash,
                difference.bytesToFetch(),
                difference.chunksToFetch(),
                difference.bytesKept(),
                difference.filesNew(),
                difference.filesChanged(),
                snapshot.record().totals().files() - difference.filesNew() - difference.filesChanged(),
                aside,
                new PlannedFetch.Room(difference.growth(), difference.inodes(), free),
                probe);
    }

    private static long free(Path directory) throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }
}
