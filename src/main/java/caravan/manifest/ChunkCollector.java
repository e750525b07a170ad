package caravan.manifest;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.util.Set;

/** Collects the digests of all plain chunks of a manifest. */
public record ChunkCollector(Set<Digest> digests) implements ManifestVisitor {

    @Override
    public void header(ManifestHeader header) {}

    @Override
    public void file(FileEntry file) {
        for (ChunkRef chunk : file.chunks()) {
            digests.add(chunk.digest());
        }
    }

    @Override
    public void directory(SnapshotPath directory) {}
}
