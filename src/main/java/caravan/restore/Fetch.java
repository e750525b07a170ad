package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.restore.source.ObjectSource;
import caravan.restore.target.Target;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotRecord;
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

    /**
     * Returns when {@code into} holds the snapshot, and that is on the disk.
     *
     * @throws DamagedException if something published is not what its signature or hash says
     * @throws caravan.failure.RefusedException if it is not safe to go on
     * @throws caravan.failure.TransientException if a server did not answer for long
     */
    public FetchOutcome run(SnapshotLocation from, Path into, Expectations expectations)
            throws CaravanException, InterruptedException {
        ClientState state = new ClientState(settings.stateDirectory());
        KeptManifests manifests = new KeptManifests(state);
        try (ObjectSource source = from.open(settings)) {
            FoundSnapshot found = new SnapshotFinder(
                            source, settings.retries(), settings.trusted(), new SequenceMemory(state), clock)
                    .find(from);
            expectations.check(found.record());
            onFound.accept(found);
            Path directory = Target.locate(into);
            ManifestFile manifest = manifests.keep(directory, found.record(), source, settings.retries());
            ManifestHeader header = summarize(manifest, found.record());
            progress.expect(found.record().totals().bytes());

            Restore restore = new Restore(settings, clock, progress, source, manifest, header);
            List<Path> replaced = restore.into(Target.choose(into, header, manifests.knows(directory)));
            manifests.restored(directory, manifest);
            progress.enter(Progress.Phase.DONE);
            return new FetchOutcome(
                    found.record(),
                    directory,
                    restore.hasChanged(),
                    progress.keptBytes(),
                    progress.arrivedBytes(),
                    replaced);
        }
    }

    /** Reads a manifest through and holds it against the record that vouches for it. */
    static ManifestHeader summarize(ManifestFile manifest, SnapshotRecord record)
            throws CaravanException, InterruptedException {
        ManifestFile.Summary summary = manifest.summarize();
        ManifestHeader header = summary.header();
        if (!header.database().equals(record.database()) || !header.snapshot().equals(record.snapshot())) {
            throw new DamagedException(
                    "the manifest " + manifest.what() + " is of snapshot " + header.snapshot() + " of "
                            + header.database(),
                    "the publisher signed a record for another manifest; tell the publisher");
        }
        if (!summary.totals().equals(record.totals())) {
            throw new DamagedException(
                    "the manifest " + manifest.what() + " lists " + summary.totals() + ", its record says "
                            + record.totals(),
                    "the publisher signed a record for another manifest; tell the publisher");
        }
        return header;
    }
}
