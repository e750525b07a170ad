package caravan.manifest;

import caravan.failure.CaravanException;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;

/**
 * Is told each line of a manifest in its order: the header once, then files, then empty directories.
 *
 * <p>What it was told is checked line by line only: that the manifest is whole, and is the one that was signed, is
 * known when reading ends well and its SHA-256 was compared. Until then nothing may be done that cannot be undone.
 */
public interface ManifestVisitor {

    /** The first line. */
    void header(ManifestHeader header) throws CaravanException, IOException;

    /** The next file, in the order of the paths' UTF-8 bytes. */
    void file(FileEntry file) throws CaravanException, IOException;

    /** The next directory in which there is nothing, in the same order. */
    void directory(SnapshotPath path) throws CaravanException, IOException;
}
