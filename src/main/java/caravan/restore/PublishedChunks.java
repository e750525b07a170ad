package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Names the chunks of what is published, and believes only what is signed. Fetches no chunk. */
public final class PublishedChunks {

    private final ClientSettings settings;
    private final Clock clock;

    /** For any number of snapshots. */
    public PublishedChunks(ClientSettings settings, Clock clock) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Tells {@code each} every chunk of the snapshot that {@code location} means, in the order of its files; a chunk
     * that is part of several files is told as often.
     *
     * @return the snapshot
     */
    public FoundSnapshot visit(SnapshotLocation location, Each each) throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, new Progress(), location)) {
            snapshot.content().manifest().read(new ChunkVisitor(each));
            return snapshot.found();
        }
    }

    /** The snapshot that {@code location} means, so that its manifest need not be read. */
    public FoundSnapshot find(SnapshotLocation location) throws CaravanException, InterruptedException {
        return new Listing(settings, clock).find(location);
    }

    /** The snapshot that was published before {@code snapshot} of the same database; none if the catalog has none. */
    public Optional<SnapshotLocation> before(SnapshotLocation location, SnapshotId snapshot)
            throws CaravanException, InterruptedException {
        return new CatalogListing(settings, clock)
                .read(PublishedBase.parse(location.base())).databases().stream()
                        .filter(database -> database.name().equals(location.database()))
                        .flatMap(database -> database.snapshots().stream())
                        .filter(older -> older.id().createdAt().isBefore(snapshot.createdAt()))
                        .findFirst()
                        .map(older -> new SnapshotLocation(location.base(), location.database(), List.of(older.id())));
    }

    /** Hears of chunks. */
    @FunctionalInterface
    public interface Each {

        /** One more of them. */
        void take(ChunkRef chunk) throws IOException;
    }

    private record ChunkVisitor(Each each) implements ManifestVisitor {

        @Override
        public void header(ManifestHeader header) {
            // known from the first reading
        }

        @Override
        public void file(FileEntry file) throws IOException {
            for (ChunkRef chunk : file.chunks()) {
                each.take(chunk);
            }
        }

        @Override
        public void directory(SnapshotPath path) {
            // nothing is stored for it
        }
    }
}
