package caravan.publish;

import caravan.manifest.ManifestVisitor;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The chunks of a published snapshot, and in which form it has each. Filled by one thread, then read by many. */
final class PublishedForms implements ManifestVisitor {

    private final Set<Digest> digests = new HashSet<>();

    private final Map<Digest, StoredAs> frames = new HashMap<>();

    /** The digests of all chunks. */
    Set<Digest> digests() {
        return digests;
    }

    /** In which form a chunk is there; none if the snapshot does not have it. */
    Optional<StoredAs> formOf(Digest digest) {
        StoredAs frame = frames.get(digest);
        if (frame != null) {
            return Optional.of(frame);
        }
        return digests.contains(digest) ? Optional.of(StoredAs.PLAIN) : Optional.empty();
    }

    void add(ChunkRef chunk) {
        digests.add(chunk.digest());
        if (!chunk.storedAs().equals(StoredAs.PLAIN)) {
            frames.put(chunk.digest(), chunk.storedAs());
        }
    }

    @Override
    public void header(ManifestHeader header) {
        // the chunks alone matter
    }

    @Override
    public void file(FileEntry file) {
        file.chunks().forEach(this::add);
    }

    @Override
    public void directory(SnapshotPath path) {
        // the chunks alone matter
    }
}
