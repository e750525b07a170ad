package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.SourcePool;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A published snapshot that was found and is believed, and the way to its objects. {@link #close} ends transfers that
 * are under way.
 */
final class OpenSnapshot implements AutoCloseable {

    private final ClientSettings settings;
    private final SourcePool source;
    private final KeptManifests manifests;
    private final FoundSnapshot found;

    private OpenSnapshot(ClientSettings settings, SourcePool source, KeptManifests manifests, FoundSnapshot found) {
        this.settings = settings;
        this.source = source;
        this.manifests = manifests;
        this.found = found;
    }

    /**
     * Finds the snapshot that {@code location} means.
     *
     * @param progress is told of the sources
     * @throws caravan.failure.DamagedException if a signature, a hash or a name does not match
     * @throws caravan.failure.RefusedException if the pointer is expired or older than one that was accepted
     */
    static OpenSnapshot find(ClientSettings settings, Clock clock, Progress progress, SnapshotLocation location)
            throws CaravanException, InterruptedException {
        requireNonNull(location, "location");
        ClientState state = new ClientState(settings.stateDirectory());
        SourcePool source = location.open(settings);
        progress.comesFrom(source);
        try {
            FoundSnapshot found = new SnapshotFinder(
                            source, settings.retries(), settings.trusted(), new SequenceMemory(state), clock)
                    .find(location);
            return new OpenSnapshot(settings, source, new KeptManifests(state), found);
        } catch (CaravanException | InterruptedException | RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** What its publisher states about it. */
    FoundSnapshot found() {
        return found;
    }

    /** What its publisher states about it. */
    SnapshotRecord record() {
        return found.record();
    }

    /** Its objects. */
    ObjectSource source() {
        return source;
    }

    /** Its manifest, fetched unless it is in the client's state. */
    Content content() throws CaravanException, InterruptedException {
        return content(manifests.fetch(record(), source, settings.retries()));
    }

    /** The same, and noted as what is being restored into {@code directory}. */
    Content contentFor(Path directory) throws CaravanException, InterruptedException {
        return content(manifests.keep(directory, record(), source, settings.retries()));
    }

    /** A way to its chunks, counted by {@code progress}. */
    ChunkFetcher chunks(Progress progress) {
        return new ChunkFetcher(source, settings.retries(), settings.rate(), progress, settings.parallel());
    }

    private Content content(ManifestFile manifest) throws CaravanException, InterruptedException {
        return new Content(manifest, manifest.summarize(record()));
    }

    @Override
    public void close() {
        source.close();
    }

    /**
     * What the snapshot is made of.
     *
     * @param manifest right in itself, and what the record vouches for
     * @param header its first line
     */
    record Content(ManifestFile manifest, ManifestHeader header) {}
}
