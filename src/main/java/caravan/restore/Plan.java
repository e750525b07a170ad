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
            Difference all = Difference.ofNothing(content.manifest());
            return plan(snapshot, all, -1, 0, false);
        }
    }

    /**
     * For this directory, new or not.
     *
     * @param byHash whether to hash all that is there; otherwise a file of the right size counts as the right one
     * @throws caravan.failure.RefusedException if a restore would refuse the directory as it is
     */
    public PlannedFetch into(SnapshotLocation from, Path into, boolean byHash)
            throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = find(from)) {
            OpenSnapshot.Content content = snapshot.content();
            KeptManifests manifests = new KeptManifests(new ClientState(settings.stateDirectory()));
            Target target = Target.choose(into, content.header(), manifests.knows(Target.locate(into)));
            boolean inPlace = target instanceof Target.InPlace;
            Path disk = inPlace ? target.root() : target.root().getParent();
            return Files.isDirectory(target.root())
                    ? over(target.root(), inPlace, byHash, snapshot, content, free(disk))
                    : plan(snapshot, Difference.ofNothing(content.manifest()), free(disk), 0, byHash);
        } catch (IOException e) {
            throw LocalFailures.of("looking at " + into, e);
        }
    }

    private PlannedFetch over(
            Path root, boolean inPlace, boolean byHash, OpenSnapshot snapshot, OpenSnapshot.Content content, long free)
            throws CaravanException, InterruptedException, IOException {
        progress.expect(snapshot.record().totals().bytes());
        progress.enter(Progress.Phase.CHECKING);
        ManifestFile manifest = content.manifest();
        try (TargetTree tree = TargetTree.open(root)) {
            Optional<BitSet> hashed = byHash
                    ? Optional.of(new TreeCheck(tree, manifest, settings.readers(), progress)
                            .run()
                            .matching())
                    : Optional.empty();
            int aside = inPlace ? TreeExtras.find(root, manifest, false).files().size() : 0;
            Difference difference = Difference.between(tree, content, hashed, aside > 0);
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
                snapshot.record().totals().bytes() - difference.plainBytesToFetch(),
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
