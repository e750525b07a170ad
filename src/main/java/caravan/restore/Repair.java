package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.restore.target.Ownership;
import caravan.restore.target.Target;
import caravan.snapshot.ManifestHeader;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes a restored directory whole again: hashes all of it and fetches what is not as it was.
 *
 * <p>It never turns one snapshot into another: it mends the one that the URL names, or the one that the directory is
 * remembered to be, however new the latest is. A directory that is whole is not written to. One that is not is changed
 * as any restore in place changes it: no engine opens it until all is mended.
 */
public final class Repair {

    private final ClientSettings settings;
    private final Clock clock;
    private final Progress progress;
    private final Consumer<FoundSnapshot> onFound;

    /**
     * A repair for one use.
     *
     * @param onFound told of the snapshot once its signatures are found good
     */
    public Repair(ClientSettings settings, Clock clock, Progress progress, Consumer<FoundSnapshot> onFound) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.progress = requireNonNull(progress, "progress");
        this.onFound = requireNonNull(onFound, "onFound");
    }

    /**
     * Returns when {@code given} is whole, and that is on the disk.
     *
     * @param ownership to whom the tree is given if anything was mended
     * @throws caravan.failure.DamagedException if what is published is damaged, too
     * @throws RefusedException if it is not safe to go on: a process uses the directory, its restore has not ended
     * @throws WrongUsageException if no snapshot is named and none is remembered
     */
    public RepairOutcome run(SnapshotLocation from, Path given, Ownership ownership)
            throws CaravanException, InterruptedException {
        Path directory = RestoredDirectory.locate(given);
        ClientState state = new ClientState(settings.stateDirectory());
        KeptManifests manifests = new KeptManifests(state);
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, progress, meant(from, directory, manifests))) {
            onFound.accept(snapshot.found());
            RestoredDirectory.requireEndedOrFrom(
                    directory, snapshot.record().manifest().digest());
            OpenSnapshot.Content content = snapshot.contentFor(directory);
            requireDatabase(directory, content.header(), manifests);
            ownership.requirePermitted(directory);
            progress.expect(snapshot.record().totals().bytes());
            Restore restore = new Restore(
                    settings,
                    clock,
                    progress,
                    snapshot.source(),
                    content,
                    Remembered.of(state, directory),
                    true,
                    () -> manifests.changing(directory, content.manifest()));
            List<Path> replaced = restore.into(new Target.InPlace(directory));
            Remembered.keep(state, directory, content.manifest());
            if (restore.hasChanged()) {
                Handover.of(directory, content.manifest(), ownership);
            }
            progress.enter(Progress.Phase.DONE);
            return new RepairOutcome(
                    snapshot.record(),
                    directory,
                    restore.hasChanged(),
                    restore.before().faultCount(),
                    restore.before().faults(),
                    progress.arrivedBytes(),
                    replaced);
        }
    }

    private SnapshotLocation meant(SnapshotLocation from, Path directory, KeptManifests manifests)
            throws CaravanException, InterruptedException {
        if (!from.snapshots().isEmpty()) {
            return from;
        }
        if (!manifests.knows(directory)) {
            throw new WrongUsageException(
                    "nothing is remembered about " + directory + ", so it is not known which snapshot it should be",
                    "name the snapshot: repair <base>/" + from.database() + "/<snapshot> " + directory);
        }
        if (manifests.isBeingReplaced(directory)) {
            throw new RefusedException(
                    "a restore of another snapshot into " + directory + " was begun and did not end, so it is not known"
                            + " which snapshot it should be",
                    "run that fetch again, or name the snapshot: repair <base>/" + from.database() + "/<snapshot> "
                            + directory);
        }
        ManifestHeader header = manifests.of(directory).summarize().header();
        if (!header.database().equals(from.database())) {
            throw new RefusedException(
                    directory + " was restored from snapshot " + header.snapshot() + " of " + header.database()
                            + ", not of " + from.database(),
                    "give the URL of " + header.database());
        }
        return new SnapshotLocation(from.base(), from.database(), List.of(header.snapshot()));
    }

    /** A directory we did not restore must at least hold a store of the snapshot. */
    private static void requireDatabase(Path directory, ManifestHeader header, KeptManifests manifests)
            throws CaravanException {
        boolean known = manifests.knows(directory);
        if (!known && Target.choose(directory, header, false) instanceof Target.Fresh) {
            throw new RefusedException(directory + " is empty", "there is nothing to repair; fetch the snapshot");
        }
    }
}
