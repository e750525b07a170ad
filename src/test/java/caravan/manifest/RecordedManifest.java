package caravan.manifest;

import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.util.ArrayList;
import java.util.List;

/** Keeps what it is told. */
final class RecordedManifest implements ManifestVisitor {

    ManifestHeader header;
    final List<FileEntry> files = new ArrayList<>();
    final List<SnapshotPath> directories = new ArrayList<>();

    @Override
    public void header(ManifestHeader told) {
        header = told;
    }

    @Override
    public void file(FileEntry file) {
        files.add(file);
    }

    @Override
    public void directory(SnapshotPath path) {
        directories.add(path);
    }

    RandomTree tree() {
        return new RandomTree(header, files, directories);
    }
}
