package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chunks that a proven snapshot is made of, read from its manifest one after the other. */
public final class SnapshotChunks {

    private SnapshotChunks() {}

    /** Takes chunks. */
    @FunctionalInterface
    public interface Visitor {

        /**
         * One chunk of one file; it comes again if another file has it, too.
         *
         * @param isNew whether the snapshot before did not have it
         */
        void chunk(ChunkRef chunk, boolean isNew) throws IOException;
    }

    /** Hands every chunk of what {@code publication} publishes to {@code visitor}, in the manifest's order. */
    public static void visit(Publication publication, Visitor visitor) throws CaravanException {
        Path manifest = publication.proven().manifest().path();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(manifest))) {
            ManifestReader.read(in, manifest.toString(), new Each(publication.stored(), visitor));
        } catch (IOException e) {
            throw new FailedException(
                    "read the manifest " + manifest + ": " + e,
                    "the state directory must be readable and have space",
                    e);
        }
    }

    private record Each(StoredChunks before, Visitor visitor) implements ManifestVisitor {

        @Override
        public void header(ManifestHeader header) {}

        @Override
        public void file(FileEntry file) throws IOException {
            for (ChunkRef chunk : file.chunks()) {
                visitor.chunk(chunk, !before.digests().contains(chunk.digest()));
            }
        }

        @Override
        public void directory(SnapshotPath path) {}
    }
}
