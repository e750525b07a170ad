package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.restore.target.Ownership;
import caravan.restore.target.Target;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/**
 * Restores a snapshot into a directory.
 *
 * <p>At every moment, also after a power cut, the directory is untouched, or marked as incomplete, or exactly the
 * snapshot. The same call again goes on where another ended; on a directory that is complete it changes nothing.
 * Nothing is written but the target, what stands beside it under a name that begins with the target's, and the client's
 * state.
 */
public final class Fetch {

    private final ClientSettings settings;
    private final Clock clock;
    private final Progress progress;
    private final Consumer<FoundSnapshot> onFound;

    /**
     * A restore for one use.
     *
     * @param onFound told of the snapshot once its signatures are found good
     */
    public Fetch(ClientSettings settings, Clock clock, Progress progress, Consumer<FoundSnapshot> onFound) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.progress = requireNonNull(progress, "progress");
        this.onFound = requireNonNull(onFound, "onFound");
    }

    /** Restores into this directory, and leaves its files to the user of this process. */
    public FetchOutcome run(SnapshotLocation from, Path into, Expectations expectations)
            throws CaravanException, InterruptedException {
        return run(new FetchRequest(from, Destination.at(into), Ownership.AS_IT_IS, expectations, false));
    }

    /**
     * Returns when the snapshot is where it is to be, and that is on the disk.
     *
     * @throws caravan.failure.DamagedException if something published is not what its signature or hash says
     * @throws caravan.failure.RefusedException if it is not safe to go on, or files may not be given to their owner
     * @throws caravan.failure.TransientException if a server did not answer for long
     */
    public FetchOutcome run(FetchRequest request) throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, progress, request.from())) {
            request.expectations().check(snapshot.record());
            onFound.accept(snapshot.found());
            Path into;
            if (request.into() instanceof Destination.Fixed fixed) {
                into = fixed.directory();
            } else {
                into = request.into().of(snapshot.record(), snapshot.content().header());
                Parents.make(into, request.ownership());
            }
            Path directory = Target.locate(into);
            OpenSnapshot.Content content = snapshot.contentFor(directory);
            progress.expect(snapshot.record().totals().bytes());

            ClientState state = new ClientState(settings.stateDirectory());
            KeptManifests manifests = new KeptManifests(state);
            Restore restore = new Restore(
                    settings,
                    clock,
                    progress,
                    snapshot.source(),
                    content,
                    Remembered.of(state, directory),
                    request.everyByte(),
                    () -> manifests.changing(directory, content.manifest()));
            Target target = Target.choose(into, content.header(), manifests.knows(directory));
            Ownership ownership = request.ownership();
            ownership.requirePermitted(target instanceof Target.InPlace ? directory : directory.getParent());
            List<Path> replaced = restore.into(target);
            Remembered.keep(state, directory, content.manifest());
            Handover.of(directory, content.manifest(), ownership);
            progress.enter(Progress.Phase.DONE);
            return new FetchOutcome(
                    snapshot.record(),
                    directory,
                    restore.hasChanged(),
                    progress.keptBytes(),
                    progress.recognisedBytes(),
                    progress.arrivedBytes(),
                    replaced,
                    content.header().stores());
        }
    }
}
